/**
 * A guest of our own, which does reads and writes so that the code that serves guests has been loaded and compiled before it
 * serves one that minds waiting.
 */
package dev.ringside.vhost.rehearsal;
