/** io_uring: the shared rings of submissions and completions (io_uring(7)). */
package dev.ringside.env.uring;
