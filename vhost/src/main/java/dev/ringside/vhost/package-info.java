/** The vhost-user target: controllers that guests connect to. */
package dev.ringside.vhost;
