/**
 * A hostile front end: sequences of messages and ring contents that are right in most of their parts, so that they get deep,
 * and wrong somewhere. {@code Attacker} attacks any back end's socket; {@code FuzzRun} attacks one in this process and looks
 * at what became of it.
 */
package dev.ringside.testkit.fuzz;
