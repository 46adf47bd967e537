"""The queue as a worker asks for it: claim, complete, report, heartbeat, promote, rescue."""
