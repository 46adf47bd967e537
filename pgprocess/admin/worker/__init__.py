"""The pages of workers and of the queues that they serve."""
