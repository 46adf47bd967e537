"""The pages of a job task: one run of one task, and what may be done to it."""
