/**
 * What the daemon tells about itself: what has been slow, and why. Control plane; nothing here runs on a reactor but short
 * messages that take what a reactor has noted.
 */
package dev.ringside.daemon.insight;
