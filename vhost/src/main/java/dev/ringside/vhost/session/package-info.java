/**
 * What the messages of a front end mean: negotiation, memory, the life of rings. A session is a thread that reads
 * messages; it prepares a state, hands it to a reactor, waits for the acknowledgement, and only then answers.
 */
package dev.ringside.vhost.session;
