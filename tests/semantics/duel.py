"""One job, twice: in the database and in the model. Every statement goes to both, and they must agree.

Statements are written as words, ``"a=running b.0=failed"``, ``"a=succeeded:[1,2]"`` or ``"cancel"``, so that a failing
example can be copied from the report into a test. ``b.0`` is the first item of ``b``.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import psycopg

from tests.builders.drawing import read
from tests.semantics.database import Database, Shown
from tests.semantics.model import Model, Refused, Task, Wish


class Duel:
    """A job of ``drawing`` within the connection's transaction, and its model.

    ``tasks`` gives rules, allow_failure and map_over by name: ``{"b": {"trigger_rule": "all_done"}}``.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        drawing: str,
        tasks: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.connection = connection
        self.story = [f"start({drawing!r}, {dict(tasks or {})!r})"]
        names, edges = read(drawing)
        given = {name: _task(**(tasks or {}).get(name, {})) for name in names}
        self.database = Database(connection, given, edges)
        self.model = Model(given, edges)
        self._compare()

    def play(self, story: str) -> None:
        """Each line is a statement; one that must be refused begins with ``!``."""
        for line in story.strip().splitlines():
            statement = line.strip().removeprefix("! ")
            refused = self.send(statement)
            assert refused == (line.strip() != statement), self._report("the story says otherwise")

    def send(self, statement: str) -> bool:
        """Both have done what the statement says, or both have refused it: then it is true."""
        refused = self._ask_model(statement)
        self.story.append(f"! {statement}" if refused else statement)
        error = self._ask_database(statement, hopeless=bool(refused))
        if bool(refused) != bool(error):
            raise AssertionError(self._report(f"model: {refused or 'done'}; database: {error or 'done'}"))
        self._compare()
        return bool(refused)

    def __getitem__(self, name: str) -> Task:
        """A task, on which both agree."""
        return self.model.tasks[name]

    def _ask_model(self, statement: str) -> str:
        try:
            _ask(self.model, statement)
        except Refused as refusal:
            return str(refusal)
        return ""

    def _ask_database(self, statement: str, *, hopeless: bool) -> str:
        # A savepoint costs more than most statements, and only what is refused needs one.
        try:
            with self.connection.transaction() if hopeless else nullcontext():
                _ask(self.database, statement)
        except psycopg.Error as error:
            return str(error).splitlines()[0]
        return ""

    def _compare(self) -> None:
        """Both show the same, and the doctor finds nothing."""
        shown, expected = self.database.shown(), self._expected()
        assert sorted(shown) == sorted(expected), self._report(
            f"it has {sorted(shown)}, should have {sorted(expected)}"
        )
        differences = [
            f"{name}: {column} is {shown[name][column]}, should be {value}"
            for name, columns in expected.items()
            for column, value in columns.items()
            if shown[name][column] != value
        ]
        assert not differences, self._report("; ".join(differences))
        drift = self.database.drift()
        assert not drift, self._report(f"the doctor finds {drift}")

    def _expected(self) -> Shown:
        model = self.model
        shown: Shown = {}
        for name, task in model.tasks.items():
            parents = model.parents(name)
            shown[name] = {
                "status": task.status,
                "parents": (parents.total, parents.left, parents.failed, parents.skipped),
                "attempt": task.attempt,
                "free_attempts": task.free_attempts,
                "attempts": task.kept,
                "item": task.item,
                "problem": task.problem,
            }
        counts = (len(model.tasks), model.left, model.failed)
        shown["job"] = {"status": model.status, "tasks": counts, "finished": model.status != "running"}
        return shown

    def _report(self, difference: str) -> str:
        return "\n    ".join([difference, *self.story])


def _task(trigger_rule: str = "all_succeeded", allow_failure: bool = False, map_over: str = "") -> Task:
    return Task(rule=trigger_rule, allow_failure=allow_failure, map_over=map_over)


def _ask(side: Model | Database, statement: str) -> None:
    if statement == "cancel":
        side.cancel()
    else:
        wishes = dict(word.split("=") for word in statement.split())
        side.change({name: Wish(*wish.split(":", 1)) for name, wish in wishes.items()})
