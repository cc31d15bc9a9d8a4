/** JMH micro-benchmarks of the data plane's parts; run by benchmarks/micro.sh. */
package dev.ringside.benchmarks.micro;
