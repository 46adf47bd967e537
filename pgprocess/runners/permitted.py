"""Lists of what may run where ``ALLOW_DB_CODE`` is off, so that a way in that nobody thought of is none.

Rows of the database choose among commands, callables and files that were deployed; none of these may be a way to write
files, to import modules or to run what the arguments say, unless the project names it.
"""

from __future__ import annotations

import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from django.apps import apps
from django.core.management import get_commands

from pgprocess import registry
from pgprocess.choices import Kind
from pgprocess.runners.base import Run
from pgprocess.runners.command import command_of

INSTALLED = tuple(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib"))


@dataclass(frozen=True, slots=True)
class Permitted:
    """The names that tasks may use. Without a list (None) what the project itself has written is allowed."""

    commands: Sequence[str] | None = None
    modules: Sequence[str] | None = None

    def refusal(self, run: Run) -> str:
        """Return why the run may not be, empty if it may."""
        if run.version.kind == Kind.COMMAND:
            return self._of_command(run)
        if run.version.kind == Kind.CALLABLE:
            return self._of_callable(run)
        return ""

    def _of_command(self, run: Run) -> str:
        name = (command_of(run) or [""])[0]
        if name in self.commands if self.commands is not None else not name or _is_own_command(name):
            return ""
        return (
            f'Task {run.task!r} runs the command {name!r}, which PGPROCESS["ALLOW_DB_CODE"] = False does not allow: '
            'name it in PGPROCESS["ALLOWED_COMMANDS"].'
        )

    def _of_callable(self, run: Run) -> str:
        function = registry.known(run.callable_name)
        if function is None:
            return (
                f"Task {run.task!r} names the function {run.callable_name!r}, which no module registers that the "
                'worker has imported: name its module in PGPROCESS["ALLOWED_MODULES"].'
            )
        module = function.function.__module__
        if self.modules is None or any(fnmatchcase(module, pattern) for pattern in self.modules):
            return ""
        return (
            f'Task {run.task!r} names a function of {module}, which PGPROCESS["ALLOW_DB_CODE"] = False does not '
            'allow: name the module in PGPROCESS["ALLOWED_MODULES"].'
        )


def _is_own_command(name: str) -> bool:
    """Return whether the command belongs to an app of the project: neither Django's, nor ours, nor an installed one."""
    app = get_commands().get(name)
    if not isinstance(app, str) or app in ("django.core", "pgprocess"):
        return False
    folder = next((Path(each.path) for each in apps.get_app_configs() if each.name == app), None)
    return folder is not None and not any(folder.is_relative_to(root) for root in INSTALLED)
