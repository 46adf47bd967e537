"""The worker: claims ready tasks, runs them, reports how they ended."""
