"""Random jobs and random statements, for hypothesis to try and to shrink.

A step draws two numbers: whose bits say which tasks take part, and what becomes of each. That is several
times faster than drawing lists, and smaller numbers are smaller statements. The report has the words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.semantics.duel import Duel
from tests.semantics.model import FAILING, MAY_FOLLOW, SETTLED
from tests.semantics.rules import RULES

NAMES = "abcdefghijklmno"
STATUSES = [*MAY_FOLLOW]
RESULTS = ["[0]", "[]", "[1,2]", "[3,4]", "[5,6,7]", '[null,"x"]', '[{"n":1},2,3,4]', "[1,2,3,4,5]"]
RESULTS += ["[6]", "[2,1]", "[7,6,5]", "[4,3,2,1]", "", "null", "{}", "5"]
SIZES = [*range(1, 9), *range(2, 6), *range(2, 5), 11, 15]

WHO = st.integers(0, 14).map(lambda place: 1 << place) | st.integers(1, 2**15 - 1)
HOW = st.integers(0, 2**20 - 1)


@st.composite
def jobs(draw: Any) -> tuple[str, dict[str, dict[str, Any]]]:
    """A drawing of one to eight tasks, seldom of more, and the columns of those that are not plain."""
    names = NAMES[: draw(st.sampled_from(SIZES))]
    parts, tasks = [], {}
    maps = draw(st.booleans())
    for place, name in enumerate(names):
        parents = draw(st.integers(0, 2**place - 1)) & draw(st.integers(0, 2**place - 1)) if place else 0
        parts += [f"{parent} -> {name}" for parent in _chosen(names[:place], parents)] or [name]
        columns = {
            "trigger_rule": draw(st.just(RULES[0]) | st.sampled_from(RULES)),
            "allow_failure": draw(st.sampled_from([False, False, False, True])),
            "map_over": draw(_map_over(_chosen(names[:place], parents))) if maps and parents else "",
        }
        tasks[name] = {column: value for column, value in columns.items() if value not in (RULES[0], False, "")}
    return ", ".join(reversed(parts) if draw(st.booleans()) else parts), tasks


def _map_over(parents: list[str]) -> st.SearchStrategy[str]:
    """No task, a parent, or seldom a name that is no parent's."""
    return st.sampled_from(["", "", *parents, *parents, "nobody"])


class Machine(RuleBasedStateMachine):
    """A duel of database and model; each rule is one statement, or two."""

    def __init__(self, start: Callable[..., Duel]) -> None:
        super().__init__()
        self.start = start

    @initialize(job=jobs())
    def begin(self, job: tuple[str, dict[str, dict[str, Any]]]) -> None:
        self.duel = self.start(*job)

    @rule(who=WHO, how=HOW)
    def work(self, who: int, how: int) -> None:
        """Some that are ready run, and end as work does."""
        names = self.some(who, "ready")
        self.send(names, ["running"], how)
        self.send(names, ["succeeded", "failed", "skipped"], how)

    @rule(who=WHO, how=HOW)
    def claim(self, who: int, how: int) -> None:
        """Some that are ready run."""
        self.send(self.some(who, "ready"), ["running"], how)

    @rule(who=WHO, how=HOW)
    def end(self, who: int, how: int) -> None:
        """Some that run end, or are stopped, each in its own way."""
        endings = ["succeeded", "failed", "skipped", "scheduled", "ready", "cancelled"]
        self.send(self.some(who, "running"), endings, how)

    @rule(who=WHO, how=HOW)
    def send_back(self, who: int, how: int) -> None:
        """Some that are settled are retried, reopened, forced or skipped."""
        self.send(self.some(who, *SETTLED), ["ready", "awaiting", "forced", "skipped"], how)

    @rule(who=WHO, how=HOW)
    def mend(self, who: int, how: int) -> None:
        """One that stands for a failure is retried, forced or skipped."""
        self.send(self.some(who, *FAILING)[:1], ["ready", "forced", "skipped"], how)

    @rule(who=WHO, how=HOW)
    def change(self, who: int, how: int) -> None:
        """Any tasks change as they may."""
        self.send(self.some(who, *STATUSES), STATUSES, how)

    @rule(who=WHO, how=HOW, cancel=st.sampled_from([False, False, True]))
    def provoke(self, who: int, how: int, cancel: bool) -> None:
        """The job is cancelled, over or not; or any tasks want anything, of which one wrong wish undoes all."""
        if cancel:
            self.duel.send("cancel")
        else:
            self.ask({name: _pick(STATUSES, how, place) for place, name in enumerate(self.some(who, *STATUSES))})

    def some(self, who: int, *statuses: str) -> list[str]:
        """One or more of the tasks that have one of these statuses; none if there is none."""
        names = [name for name, task in sorted(self.duel.model.tasks.items()) if task.status in statuses]
        return _chosen(names, who) or names[-1:]

    def send(self, names: list[str], statuses: list[str], how: int) -> None:
        """These tasks go, in one statement, each to one of these statuses that it may have."""
        wishes = {}
        for place, name in enumerate(names):
            allowed = MAY_FOLLOW[self.duel.model.tasks[name].status]
            wishes[name] = _pick([status for status in statuses if status in allowed], how, place)
            if wishes[name] == "succeeded" and self.is_mapped_over(name):
                wishes[name] += f":{_pick(RESULTS, how, place + 1)}"
        self.ask(wishes)

    def is_mapped_over(self, name: str) -> bool:
        """Whether a task maps over this one."""
        return any(task.map_over == name.partition(".")[0] for task in self.duel.model.tasks.values())

    def ask(self, wishes: dict[str, str]) -> None:
        if wishes:
            self.duel.send(" ".join(f"{name}={status}" for name, status in wishes.items()))


def _chosen(names: str | list[str], bits: int) -> list[str]:
    return [name for place, name in enumerate(names) if bits >> place % 15 & 1]


def _pick(statuses: list[str], how: int, place: int) -> str:
    return statuses[(how >> place % 16) % len(statuses)]
