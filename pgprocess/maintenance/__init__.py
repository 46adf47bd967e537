"""Maintenance, done by whoever is there: tasks of dead workers are given back, old jobs deleted."""
