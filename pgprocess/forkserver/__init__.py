"""A process beside the worker that starts the programs of its tasks, and outlives the worker by a moment.

The fork server has Django ready, so that a Python script costs a fork and not an import. It is the parent of every
program, so that nothing is left running when the worker goes, however it goes.

:mod:`multiprocessing.forkserver` has the same idea, but it does not do: it runs pickled Python functions, and ends
when the program that started it has ended, whatever its children do. Tasks need more:

lease           When the worker was silent for the seconds of its lease, the server ends all programs: a worker that
                can't reach the database lives on, while others take over its tasks.
subreaper       Grandchildren whose parent dies become children of the server, which ends them as well.
sessions        Each program leads a session and a process group of its own, so that one signal reaches all of it.
other programs  A child may become a shell, Perl or any other interpreter; if it can't, the worker learns the errno.
pipes           The worker reads stdout and stderr of each program from pipes. A child keeps nothing else open.
outliving       The server survives its worker, even one that was killed, for as long as it takes to end all programs.
renewal         After 1,000 forks a fresh process takes over, while the programs of the old one run to their ends.
"""
