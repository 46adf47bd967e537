"""InstallSQL: the operation of migrations by which a rule reaches the database, as a frozen copy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

FROZEN = Path(__file__).parents[1] / "migrations" / "sql"
CREATED = re.compile(r"^CREATE (?:OR REPLACE )?(FUNCTION|VIEW|SEQUENCE|TYPE) (\w+)", re.MULTILINE)
CONSTRAINED = re.compile(r"^ALTER TABLE (\w+)\s+ADD CONSTRAINT (\w+)", re.MULTILINE)
SIGNATURE = re.compile(r"^CREATE OR REPLACE FUNCTION (\w+)(.*?) LANGUAGE ", re.MULTILINE | re.DOTALL)


class InstallSQL(Operation):
    """Run the frozen file ``name`` (``0002_settle``); undo it by its ``previous`` file, or by dropping what it made.

    The operation names files, not their text, so a migration stays readable and a change of a rule is a diff of SQL.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, name: str, previous: str | None = None) -> None:
        self.name = name
        self.previous = previous

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return class, arguments and keywords, as every operation does."""
        return type(self).__name__, [self.name], {"previous": self.previous} if self.previous else {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing: functions and views are not models."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Install the rule."""
        if self.allowed(app_label, schema_editor):
            self.make_way(schema_editor)
            schema_editor.execute(self.text(self.name), params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Bring the previous rule back, or drop this one."""
        if not self.allowed(app_label, schema_editor):
            return
        for kind, name in reversed(CREATED.findall(self.text(self.name))):
            # OR REPLACE can't take a column from a view, and a function can't be dropped while views call it.
            if kind == "VIEW" or not self.previous:
                schema_editor.execute(f"DROP {kind} IF EXISTS {name}", params=None)
        for table, name in CONSTRAINED.findall(self.text(self.name)):
            schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}", params=None)
        if self.previous:
            self.make_way(schema_editor)
            schema_editor.execute(self.text(self.previous), params=None)

    def make_way(self, schema_editor: BaseDatabaseSchemaEditor) -> None:
        """Drop the functions that take or return something else than before: OR REPLACE would leave them, or refuse."""
        if self.previous:
            for name, signature in SIGNATURE.findall(self.text(self.previous)):
                if (name, signature) not in SIGNATURE.findall(self.text(self.name)):
                    schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}", params=None)

    def describe(self) -> str:
        """Return the line that ``migrate --plan`` shows."""
        return f"Install the rule {self.name}"

    @property
    def migration_name_fragment(self) -> str:
        """Return the part of an automatic migration's name."""
        return self.name.partition("_")[2]

    def allowed(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor) -> bool:
        """Return whether this database holds the tables of pgprocess."""
        from django.db import router

        return router.allow_migrate(schema_editor.connection.alias, app_label)

    @staticmethod
    def text(name: str) -> str:
        """Return the text of a frozen file."""
        return (FROZEN / f"{name}.sql").read_text(encoding="utf-8")
