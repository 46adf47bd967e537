"""What has to be looked after, by whoever is there: tasks of lost workers, old jobs."""
