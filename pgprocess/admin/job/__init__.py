"""The page of a job: what each of its parts reads, in few queries whatever the number of tasks.

task_rows ──▶ diagram, timeline    the tasks of a job, one row each
summary, run_grid                  the facts of a job, and the runs before it
polling                            what has changed since the page was read
"""
