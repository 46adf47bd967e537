"""One job in plain Python, written from the words of the semantics: slow, obvious, counting everything anew.

It has its own list of statuses on purpose. A statement goes through three stages: the changes that
it names, what they send back below them, and what is decided then, generation by generation.

A job task has its task's name; those of a mapped task with items are ``b.0``, ``b.1`` and so on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.semantics.mapping import Found, find
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


class Wish(NamedTuple):
    """What a statement wants of a job task; ``result`` is JSON, or empty."""

    status: str
    result: str = ""


@dataclass
class Task:
    """One job task; ``kept`` is the status of each earlier try by its number."""

    rule: str = "all_succeeded"
    allow_failure: bool = False
    map_over: str = ""
    status: str = "awaiting"
    attempt: int = 0
    free_attempts: int = 0
    kept: dict[int, str] = field(default_factory=dict)
    item: str | None = None  # JSON
    result: Any = None
    problem: bool = False  # there is no list to map over

    @property
    def is_settled(self) -> bool:
        return self.status in SETTLED

    @property
    def is_failing(self) -> bool:
        return self.status in FAILING

    def become(self, status: str) -> None:
        """It has this status, and its tries are counted and kept accordingly."""
        was, self.status = self.status, status
        self.problem = False
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
            self.result = None

    def sibling(self) -> Task:
        """One more job task of the same task, which has not run yet."""
        return Task(self.rule, self.allow_failure, self.map_over)

    def _keep(self, status: str) -> None:
        if self.attempt and self.attempt not in self.kept:
            self.kept[self.attempt] = status


class Model:
    """One job: its job tasks by name, the edges between its tasks, and whether somebody cancelled it."""

    def __init__(self, tasks: Mapping[str, Task], edges: Sequence[tuple[str, str]]) -> None:
        self.tasks = dict(tasks)
        self.names = [*tasks]
        self.edges = list(edges)
        self.was_cancelled = False
        self._settle()

    # The verbs

    def change(self, wishes: Mapping[str, Wish]) -> None:
        """One UPDATE has given these tasks these statuses, or raised :class:`Refused`."""
        changes = {name: wish for name, wish in wishes.items() if self.tasks[name].status != wish.status}
        for name, wish in changes.items():
            if wish.status not in MAY_FOLLOW[self.tasks[name].status]:
                raise Refused(f"{name} can't go from {self.tasks[name].status} to {wish.status}")
        was = {name: self.tasks[name].status for name in changes}
        for name, wish in changes.items():
            self.tasks[name].become(wish.status)
            if wish.result:
                self.tasks[name].result = json.loads(wish.result)
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
            if not task.is_settled:
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
        if not task.is_settled:
            task.become("cancelled")
        task.become("awaiting")

    def _settle(self) -> None:
        """Every awaiting task whose rule is decided has what it says; those below it follow in turn.

        Where a list has come, the job tasks that map over it are as many as its items.
        """
        while True:
            looks = {name: self._look(name) for name in self.names}
            changed = [self._follow(name, look) for name, look in looks.items()]
            gone = {name for name, look in looks.items() for _ in self._drop(name, look)}
            for child in {child for name in gone for child in self._children(name)}:
                self._decide_anew(child)
            if not any(changed) and not gone:
                break
        if self.left:
            self.was_cancelled = False

    def _look(self, name: str) -> Found:
        """What becomes of a task's job tasks that are awaiting, and the list that they map over, if it has come."""
        first = self.job_tasks(name)[0]
        said = decide(first.rule, self.parents(name))
        if not first.map_over:
            return Found(said)
        is_parent = (first.map_over, name) in self.edges
        found = find(self.job_tasks(first.map_over) if is_parent else [])
        is_decided = said in ("skipped", "upstream_failed")
        has_items = first.item is not None
        waits = first.status == "awaiting" and not is_decided
        return Found(
            status=said if is_decided or found.status == "ready" else found.status,
            items=found.items if has_items or waits else None,
            problem=found.problem and not is_decided,
        )

    def _follow(self, name: str, look: Found) -> bool:
        """Make the job tasks of a list's items, let those that wait be what was decided, and say if that is new."""
        changed = look.items is not None and self._map(name, look.items)
        tasks = self.job_tasks(name)
        for task in tasks if look.items is None else tasks[: max(1, len(look.items))]:
            if task.status == "awaiting" != look.status:
                task.become(look.status)
                task.problem = look.problem
                changed = True
        return changed

    def _map(self, name: str, items: list[Any]) -> bool:
        """Pair a task's job tasks with the items, from the first on, making more where there are more items."""
        before = self.job_tasks(name)
        values: list[str | None] = [json.dumps(item) for item in items]
        values = values or [None]
        if [task.item for task in before] == values:
            return False
        more = len(values) - len(before)
        tasks = before + [before[0].sibling() for _ in range(more)]
        for task, value in zip(tasks, values, strict=False):
            task.item = value
        for key in self._keys(name):
            del self.tasks[key]
        first = [name] if not items else [f"{name}.0"]
        keys = first + [f"{name}.{place}" for place in range(1, len(tasks))]
        self.tasks |= dict(zip(keys, tasks, strict=True))
        return True

    def _drop(self, name: str, look: Found) -> list[Task]:
        """Delete the job tasks beyond the end of a list; return those of them that had failed."""
        if look.items is None:
            return []
        keys = self._keys(name)[max(1, len(look.items)) :]
        return [task for key in keys if (task := self.tasks.pop(key)).is_failing]

    def _decide_anew(self, name: str) -> None:
        """What failed because of a task above it, and all that failed because of that, waits again."""
        if self.tasks[name].status == "upstream_failed":
            for each in {name} | self._descendants(name, only={"upstream_failed"}):
                self._send_back(self.tasks[each])

    def _descendants(self, name: str, only: set[str] | None = None) -> set[str]:
        found: set[str] = set()
        ahead = [name]
        while ahead:
            for child in self._children(ahead.pop()):
                if child not in found and (only is None or self.tasks[child].status in only):
                    found.add(child)
                    ahead.append(child)
        return found

    def _children(self, name: str) -> list[str]:
        return [key for parent, child in self.edges if parent == _task_of(name) for key in self._keys(child)]

    def _keys(self, name: str) -> list[str]:
        """The names of a task's job tasks, in the order of their items."""
        return sorted(key for key in self.tasks if _task_of(key) == name)

    # What can be seen

    def job_tasks(self, name: str) -> list[Task]:
        """The job tasks of a task, in the order of their items."""
        return [self.tasks[key] for key in self._keys(name)]

    def parents(self, name: str) -> Parents:
        """How the parents of a job task stand now."""
        above = [parent for parent, child in self.edges if child == _task_of(name)]
        statuses = [task.status for parent in above for task in self.job_tasks(parent)]
        return Parents(
            total=len(statuses),
            left=sum(status not in SETTLED for status in statuses),
            failed=sum(status in FAILING for status in statuses),
            skipped=sum(status == "skipped" for status in statuses),
        )

    @property
    def left(self) -> int:
        """How many job tasks are not settled."""
        return sum(not task.is_settled for task in self.tasks.values())

    @property
    def failed(self) -> int:
        """How many job tasks are failed; those below them are not counted."""
        return sum(task.status == "failed" for task in self.tasks.values())

    @property
    def status(self) -> str:
        """The status of the job."""
        tasks = self.tasks.values()
        if self.left:
            return "running"
        if self.was_cancelled:
            return "cancelled"
        if any((task.status == "failed" or task.problem) and not task.allow_failure for task in tasks):
            return "failed"
        return "cancelled" if any(task.status == "cancelled" for task in tasks) else "succeeded"


def _task_of(name: str) -> str:
    return name.partition(".")[0]
