"""Random jobs and random statements, for hypothesis to try and to shrink."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.semantics.duel import Duel
from tests.semantics.model import MAY_FOLLOW, RULES, SETTLED

NAMES = "abcdefghijklmno"
ENDINGS = ["succeeded", "failed", "skipped", "scheduled", "ready", "cancelled"]
DATA = st.data()


@st.composite
def jobs(draw: Any) -> tuple[str, dict[str, dict[str, Any]]]:
    """A drawing of one to eight tasks, seldom of fifteen, and the columns of those that are not plain."""
    size = draw(st.integers(1, 8) | st.integers(1, 8) | st.integers(1, len(NAMES)))
    names = NAMES[:size]
    edges = [
        f"{parent} -> {name}"
        for place, name in enumerate(names)
        for parent in (draw(st.lists(st.sampled_from(names[:place]), unique=True, max_size=3)) if place else ())
    ]
    alone = [name for name in names if not any(name in edge for edge in edges)]
    drawing = ", ".join(draw(st.permutations(edges + alone)))
    tasks = {}
    for name in names:
        trigger_rule = draw(st.sampled_from(RULES))
        allow_failure = draw(st.sampled_from([False, False, False, True]))
        columns = {"trigger_rule": trigger_rule} if trigger_rule != "all_succeeded" else {}
        columns |= {"allow_failure": True} if allow_failure else {}
        if columns:
            tasks[name] = columns
    return drawing, tasks


class Machine(RuleBasedStateMachine):
    """A duel of model and database; each rule is one statement, or a task's way from ready to its end."""

    def __init__(self, start: Callable[..., Duel]) -> None:
        super().__init__()
        self.start = start

    @initialize(job=jobs())
    def begin(self, job: tuple[str, dict[str, dict[str, Any]]]) -> None:
        self.duel = self.start(*job)

    @precondition(lambda self: self.having("ready"))
    @rule(data=DATA)
    def claim(self, data: st.DataObject) -> None:
        """Some that are ready run."""
        self.send(data, self.some(data, self.having("ready")), ["running"])

    @precondition(lambda self: self.having("running"))
    @rule(data=DATA)
    def end(self, data: st.DataObject) -> None:
        """Some that run end, each in its own way."""
        self.send(data, self.some(data, self.having("running")), ENDINGS)

    @precondition(lambda self: self.having(*SETTLED))
    @rule(data=DATA)
    def send_back(self, data: st.DataObject) -> None:
        """Some that are settled are retried, reopened, forced or skipped."""
        self.send(data, self.some(data, self.having(*SETTLED)), ["ready", "awaiting", "forced", "skipped"])

    @rule(data=DATA)
    def change(self, data: st.DataObject) -> None:
        """Any tasks change as they may, or are set to what they are."""
        self.send(data, self.some(data, [*self.duel.model.tasks]), [*MAY_FOLLOW])

    @rule(data=DATA)
    def ask_too_much(self, data: st.DataObject) -> None:
        """One of several tasks wants what it may not: the whole statement is refused."""
        wishes = {name: data.draw(st.sampled_from([*MAY_FOLLOW])) for name in self.some(data, [*self.duel.model.tasks])}
        may = all(now == was or now in MAY_FOLLOW[was] for now, was in self.beside(wishes))
        self.duel.play(("" if may else "! ") + _words(wishes))

    @rule(sure=st.sampled_from([False, False, True]))
    def cancel(self, sure: bool) -> None:
        """Now and then somebody cancels the job, or tries to when it is over."""
        if sure:
            self.duel.play("cancel" if self.duel.model.status in ("running", "cancelled") else "! cancel")

    def having(self, *statuses: str) -> list[str]:
        return [name for name, task in self.duel.model.tasks.items() if task.status in statuses]

    def some(self, data: st.DataObject, names: list[str]) -> list[str]:
        return data.draw(st.lists(st.sampled_from(names), unique=True, min_size=1))

    def send(self, data: st.DataObject, names: list[str], statuses: list[str]) -> None:
        wishes = {}
        for name in names:
            was = self.duel.model.tasks[name].status
            allowed = [now for now in statuses if now == was or now in MAY_FOLLOW[was]]
            wishes[name] = data.draw(st.sampled_from(allowed))
        self.duel.play(_words(wishes))

    def beside(self, wishes: dict[str, str]) -> list[tuple[str, str]]:
        return [(now, self.duel.model.tasks[name].status) for name, now in wishes.items()]


def _words(wishes: dict[str, str]) -> str:
    return " ".join(f"{name}={status}" for name, status in wishes.items())
