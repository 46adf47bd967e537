"""The pages of a process: its schedule, its tasks, its diagram, and what may be done to it."""
