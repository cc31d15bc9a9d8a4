/** Guest memory: the one place where an address from a guest becomes memory of ours. */
package dev.ringside.vhost.memory;
