"""The fork server: a process beside the worker that starts the programs of its tasks, and outlives it by a moment.

It has Django ready, so that a Python script costs a fork and not an import; and since it is the parent of every
program, nothing is left running when the worker goes, however it goes.
"""
