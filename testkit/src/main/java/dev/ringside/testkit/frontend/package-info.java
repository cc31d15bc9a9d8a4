/** The front end's side of vhost-user: the protocol's messages, and a block device driver on top of them. */
package dev.ringside.testkit.frontend;
