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
MAPPED_SIZES = [3, 3, 4, 4, 5, 6, 2]

WHO = st.integers(0, 14).map(lambda place: 1 << place) | st.integers(1, 2**15 - 1)
HOW = st.integers(0, 2**20 - 1)
ALL = -1


@st.composite
def jobs(draw: Any, *, maps: bool = False) -> tuple[str, dict[str, dict[str, Any]]]:
    """A drawing of one to eight tasks, seldom of more, and the columns of those that are not plain."""
    names = NAMES[: draw(st.sampled_from(MAPPED_SIZES if maps else SIZES))]
    parts: list[str] = []
    tasks: dict[str, dict[str, Any]] = {}
    for place, name in enumerate(names):
        parents = draw(st.integers(0, 2**place - 1)) if place else 0
        if place and not maps:
            parents &= draw(st.integers(0, 2**place - 1))
        parts += [f"{parent} -> {name}" for parent in _chosen(names[:place], parents)] or [name]
        columns = {
            "trigger_rule": draw(st.just(RULES[0]) | st.sampled_from(RULES)),
            "allow_failure": draw(st.sampled_from([False, False, False, True])),
            "map_over": draw(_map_over(_chosen(names[:place], parents), tasks)) if maps and parents else "",
        }
        tasks[name] = {column: value for column, value in columns.items() if value not in (RULES[0], False, "")}
    return ", ".join(reversed(parts) if draw(st.booleans()) else parts), tasks


def _map_over(parents: list[str], tasks: dict[str, dict[str, Any]]) -> st.SearchStrategy[str]:
    """A parent, best one that is mapped itself; seldom no task, or a name that is no parent's."""
    mapped = [parent for parent in parents if "map_over" in tasks[parent]]
    return st.sampled_from([*parents * 6, *mapped * 9, "", "", "nobody"])


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
        return self.chosen(who, sorted(self.duel.model.tasks), *statuses)

    def chosen(self, who: int, names: list[str], *statuses: str) -> list[str]:
        """One or more of these tasks that are there and have one of these statuses; none if there is none."""
        tasks = self.duel.model.tasks
        names = [name for name in names if name in tasks and tasks[name].status in statuses]
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


class MappingMachine(Machine):
    """A duel in which tasks map over lists, which come again and again."""

    @initialize(job=jobs(maps=True))
    def begin(self, job: tuple[str, dict[str, dict[str, Any]]]) -> None:
        self.duel = self.start(*job)

    @rule(who=WHO, how=HOW)
    def begin_lists(self, who: int, how: int) -> None:
        """Some that have lists run, for the first time or again."""
        names = self.chosen(who, self.lists(), "awaiting", "ready", *SETTLED)
        self.send(self.chosen(ALL, names, "awaiting", *SETTLED), ["ready"], how)
        self.send(self.chosen(ALL, names, "ready"), ["running"], how)

    @rule(who=WHO, how=HOW)
    def end_lists(self, who: int, how: int) -> None:
        """Some that have lists succeed."""
        self.send(self.chosen(who, self.lists(), "running"), ["succeeded"], how)

    @rule(who=WHO, how=HOW)
    def touch_items(self, who: int, how: int) -> None:
        """Some items change as they may."""
        items = [name for name, task in sorted(self.duel.model.tasks.items()) if task.item is not None]
        self.send(self.chosen(who, items, *STATUSES), STATUSES, how)

    @rule(who=WHO, items=WHO, how=HOW, again=HOW)
    def renew(self, who: int, items: int, how: int, again: int) -> None:
        """Some that have lists succeed, often again, and some items change once or twice while they run."""
        self.begin_lists(who, how)
        self.touch_items(items, how)
        self.touch_items(again, items)
        self.end_lists(who, again)

    @rule(how=HOW)
    def flow(self, how: int) -> None:
        """Let all tasks that have lists and may run succeed, and so those that map over them."""
        for turn in range(3):
            self.send(self.chosen(ALL, self.lists(), "ready"), ["running"], how)
            self.end_lists(ALL, how >> turn)

    @rule(who=WHO, how=HOW)
    def end_together(self, who: int, how: int) -> None:
        """Lists come in the statement in which some others change."""
        lists = self.chosen(ALL, self.lists(), "running")
        others = self.some(who, *STATUSES) if lists else []
        self.send([*lists, *(name for name in others if name not in lists)], ["succeeded", *STATUSES], how)

    def lists(self) -> list[str]:
        return [name for name in sorted(self.duel.model.tasks) if self.is_mapped_over(name)]


def _chosen(names: str | list[str], bits: int) -> list[str]:
    return [name for place, name in enumerate(names) if bits >> place % 15 & 1]


def _pick(statuses: list[str], how: int, place: int) -> str:
    return statuses[(how >> place % 16) % len(statuses)]
