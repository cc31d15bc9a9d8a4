/** A model of SAS adapters that speak MPI 2.5 or 2.6, as far as registers, memory and messages show them. */
package dev.ringside.testkit.mpt3sas;
