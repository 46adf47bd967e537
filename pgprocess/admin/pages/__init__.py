"""What stands on the pages of runs: each part reads its own rows, in few queries whatever their number.

lines ──▶ drawing, timeline        the tasks of a job, one line each
strip, grid, panel, log            its facts, its predecessors, the task at hand and what that wrote
live                               what has changed since
home, queues                       what goes on beyond one job
"""
