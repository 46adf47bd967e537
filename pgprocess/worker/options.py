"""What a worker is told when it begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from os import PathLike

from pgprocess.conf import LEASE
from pgprocess.postgres.connection import Database
from pgprocess.queue.selector import QueueSelector
from pgprocess.runners.executor import Executor
from pgprocess.runners.permitted import Permitted


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """Everything that decides how a worker works. Times are seconds, limits are bytes.

    ``once``: end when nothing is ready, running or about to be. ``max_tasks``: end after so many. ``warm``: begin the
    process that starts scripts at once, and not with the first script.
    """

    database: Database
    selector: QueueSelector = field(default_factory=QueueSelector)
    concurrency: int = 8
    shutdown_timeout: float = 30.0
    poll_interval: float = 5.0
    kill_grace: float = 5.0
    result_limit: int = 1_000_000
    log_limit: int = 2_000_000
    once: bool = False
    max_tasks: int | None = None
    max_crashes: int = 3
    lease: float = LEASE
    script_dirs: Sequence[str | PathLike[str]] = ()
    code_allowed: bool = True
    permitted: Permitted = field(default_factory=Permitted)
    warm: bool = False

    def executor(self) -> Executor:
        """Return the executor of a worker with these options."""
        return Executor(
            grace=self.kill_grace,
            result_limit=self.result_limit,
            script_dirs=self.script_dirs,
            alias=self.database.alias,
            code_allowed=self.code_allowed,
            permitted=self.permitted,
            lease=self.program_lease,
        )

    @property
    def fence_after(self) -> float:
        """After how long a silence tasks are stopped: so early that they are gone by the time others take them over."""
        return max(self.lease - self.kill_grace, self.lease / 2)

    @property
    def program_lease(self) -> float:
        """After how long a silence of the worker its programs are ended.

        The process that starts them looks once a second and lets a second pass between TERM and KILL: gone before
        others take over.
        """
        return max(self.lease - 3.0, self.lease / 2)
