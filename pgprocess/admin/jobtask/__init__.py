"""The pages of one run of one task, and what may be done to it."""
