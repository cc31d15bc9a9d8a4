/** What is served over HTTP, to be read only: metrics, and a page that shows what the daemon does. Control plane. */
package dev.ringside.daemon.web;
