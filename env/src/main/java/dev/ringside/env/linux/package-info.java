/** Descriptors, memory, sockets, files, processors: Linux system calls as Java objects. */
package dev.ringside.env.linux;
