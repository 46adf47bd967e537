"""One job in plain Python, written from the words of the semantics: slow, obvious, counting everything anew.

It has its own list of statuses on purpose. A statement goes through three stages: the changes that
it names, what they send back below them, and what is decided then, generation by generation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.semantics.rules import Parents, decide

OK = {"succeeded", "forced"}
FAILING = {"failed", "upstream_failed", "cancelled"}
SETTLED = OK | FAILING | {"skipped"}

BACK = {"ready", "awaiting"}
MAY_FOLLOW = {
    "awaiting": {"ready", "scheduled", "skipped", "upstream_failed", "forced", "cancelled"},
    "scheduled": {"ready", "forced", "skipped", "cancelled"},
    "ready": {"running", "forced", "skipped", "cancelled"},
    "running": {"succeeded", "failed", "skipped", "cancelled", "scheduled", "ready"},
    "succeeded": BACK,
    "forced": BACK,
    "skipped": BACK,
    "failed": BACK | {"forced", "skipped"},
    "upstream_failed": BACK | {"forced", "skipped"},
    "cancelled": BACK | {"forced", "skipped"},
}


class Refused(Exception):
    """The statement asks for what can't be; nothing has changed."""


@dataclass
class Task:
    """One task of the job; ``kept`` is the status of each earlier try by its number."""

    rule: str = "all_succeeded"
    allow_failure: bool = False
    status: str = "awaiting"
    attempt: int = 0
    free_attempts: int = 0
    kept: dict[int, str] = field(default_factory=dict)

    def become(self, status: str) -> None:
        """It has this status, and its tries are counted and kept accordingly."""
        was, self.status = self.status, status
        if status == "running":
            self.attempt += 1
        if was == "running" and status == "scheduled":
            self._keep("failed")
        if was == "running" and status == "ready":
            self._keep("released")
            self.free_attempts += 1
        if was in SETTLED and status not in SETTLED:
            self._keep(was)
            self.free_attempts = self.attempt

    def _keep(self, status: str) -> None:
        if self.attempt and self.attempt not in self.kept:
            self.kept[self.attempt] = status


class Model:
    """One job: its tasks by name, the edges between them, and whether somebody cancelled it."""

    def __init__(self, tasks: Mapping[str, Task], edges: Sequence[tuple[str, str]]) -> None:
        self.tasks = dict(tasks)
        self.edges = list(edges)
        self.was_cancelled = False
        self._settle()

    # The verbs

    def change(self, wishes: Mapping[str, str]) -> None:
        """One UPDATE has given these tasks these statuses, or raised :class:`Refused`."""
        changes = {name: now for name, now in wishes.items() if self.tasks[name].status != now}
        for name, now in changes.items():
            if now not in MAY_FOLLOW[self.tasks[name].status]:
                raise Refused(f"{name} can't go from {self.tasks[name].status} to {now}")
        was = {name: self.tasks[name].status for name in changes}
        for name, now in changes.items():
            self.tasks[name].become(now)
        for name in self._below(was):
            self._send_back(self.tasks[name])
        self._settle()

    def cancel(self) -> None:
        """Somebody has cancelled the job, or :class:`Refused` because it has ended otherwise."""
        if self.status == "cancelled":
            return
        if self.status != "running":
            raise Refused(f"the job is {self.status} already")
        for task in self.tasks.values():
            if task.status not in SETTLED:
                task.become("cancelled")
        self.was_cancelled = True

    # What follows from a change

    def _below(self, was: Mapping[str, str]) -> set[str]:
        """All that is sent back because of these changes, as things stand after them."""
        back: set[str] = set()
        for name, before in was.items():
            now = self.tasks[name].status
            if (before == "failed" and now == "ready") or (before in FAILING and now in ("forced", "skipped")):
                back |= self._descendants(name, only={"upstream_failed"})
            elif before in SETTLED:
                back |= self._descendants(name)
        return back

    def _send_back(self, task: Task) -> None:
        if task.status == "awaiting":
            return
        if task.status not in SETTLED:
            task.become("cancelled")
        task.become("awaiting")

    def _settle(self) -> None:
        """Every awaiting task whose rule is decided has what it says; those below it follow in turn."""
        while True:
            decided = {name: self._decision(name) for name, task in self.tasks.items() if task.status == "awaiting"}
            decided = {name: status for name, status in decided.items() if status != "awaiting"}
            if not decided:
                break
            for name, status in decided.items():
                self.tasks[name].become(status)
        if self.left:
            self.was_cancelled = False

    def _decision(self, name: str) -> str:
        return decide(self.tasks[name].rule, self.parents(name))

    def _descendants(self, name: str, only: set[str] | None = None) -> set[str]:
        found: set[str] = set()
        for child in self._children(name):
            if only is None or self.tasks[child].status in only:
                found |= {child} | self._descendants(child, only)
        return found

    def _children(self, name: str) -> Iterator[str]:
        return (child for parent, child in self.edges if parent == name)

    # What can be seen

    def parents(self, name: str) -> Parents:
        """How the parents of a task stand now."""
        statuses = [self.tasks[parent].status for parent, child in self.edges if child == name]
        return Parents(
            total=len(statuses),
            left=sum(status not in SETTLED for status in statuses),
            failed=sum(status in FAILING for status in statuses),
            skipped=sum(status == "skipped" for status in statuses),
        )

    @property
    def left(self) -> int:
        """How many tasks are not settled."""
        return sum(task.status not in SETTLED for task in self.tasks.values())

    @property
    def failed(self) -> int:
        """How many tasks are failed; those below them are not counted."""
        return sum(task.status == "failed" for task in self.tasks.values())

    @property
    def status(self) -> str:
        """The status of the job."""
        tasks = self.tasks.values()
        if self.left:
            return "running"
        if self.was_cancelled:
            return "cancelled"
        if any(task.status == "failed" and not task.allow_failure for task in tasks):
            return "failed"
        return "cancelled" if any(task.status == "cancelled" for task in tasks) else "succeeded"
