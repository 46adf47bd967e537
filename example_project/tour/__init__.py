"""The demo: a server, a worker and the example's process, from nothing to a report in the browser."""
