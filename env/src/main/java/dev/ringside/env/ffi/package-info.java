/** How the rest of this module reaches the kernel: the one downcall handle, errno, and what ties constants to C. Not exported. */
package dev.ringside.env.ffi;
