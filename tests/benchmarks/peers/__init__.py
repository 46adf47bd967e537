"""What is compared: one module each, which runs in its own virtual environment (see ``__main__``).

A module has ``ABOUT`` (facts; among them ``candidates``: settings that may suit it best, of which each run tries all),
and the verbs ``install`` (its tables are there), ``fill`` (so many jobs wait that do
nothing), ``work`` (be a worker until told to stop) and ``pickups`` (how soon an idle worker begins a job).
"""
