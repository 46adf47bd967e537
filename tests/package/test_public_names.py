"""The names of ``import pgprocess``, which works anywhere, and every other name that the docs promise."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import pytest

import pgprocess
from tests.docs.pages import DOCS, ROOT, blocks, page, rows

PROMISED = {
    re.findall(r"`([^`]+)`", module)[0]: set(re.findall(r"`([^`]+)`", names))
    for module, names in rows(page("index.md"), "module")
}


def test_all_names_the_public_names_and_no_others() -> None:
    public = {
        name
        for name, value in vars(pgprocess).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert set(pgprocess.__all__) == public
    assert list(pgprocess.__all__) == sorted(pgprocess.__all__)


def test_the_names_that_scripts_rely_on_are_there() -> None:
    assert {"task", "current", "Retry", "Skip", "Fail", "PgprocessError"} <= set(pgprocess.__all__)


def test_importing_needs_no_settings_and_leaves_the_models_alone() -> None:
    code = "import sys, pgprocess; print('django.db' in sys.modules, pgprocess.current)"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO_", "PGPROCESS_"))}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("False <no current run>\n", "")


def test_the_version_is_a_plain_assignment_for_the_build() -> None:
    with open(pgprocess.__file__) as file:
        assert f'__version__ = "{pgprocess.__version__}"\n' in file.readlines()


@pytest.mark.parametrize("module", PROMISED)
def test_a_module_has_the_names_that_the_docs_promise_and_announces_no_others(module: str) -> None:
    imported = import_module(module)
    assert PROMISED[module] <= set(vars(imported))
    if module.count(".") < 2 and module != "pgprocess.env":
        assert set(imported.__all__) == PROMISED[module]


def documented_imports() -> Iterator[tuple[str, str]]:
    """Every module and name of ours that Python on the pages imports."""
    for path in (ROOT / "README.md", *DOCS.glob("*.md")):
        for block in blocks(path.read_text(encoding="utf-8")):
            for node in ast.walk(ast.parse(block.text if block.language == "python" else "")):
                if isinstance(node, ast.Import):
                    yield from ((alias.name, "") for alias in node.names if alias.name.startswith("pgprocess"))
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pgprocess"):
                    yield from ((node.module or "", alias.name) for alias in node.names)


def test_the_docs_import_nothing_but_what_they_promise() -> None:
    found = set(documented_imports())
    assert {("pgprocess", "task"), ("pgprocess.models", "Job"), ("pgprocess.signals", "job_finished")} <= found
    modules = {(module.rpartition(".")[0], module.rpartition(".")[2]) for module in PROMISED}
    promised = {(module, name) for module, names in PROMISED.items() for name in {"", *names}}
    assert found <= promised | modules


def test_what_scripts_of_the_contract_import_is_promised() -> None:
    assert {"task", "current", "Context", "Skip", "Retry", "Fail"} <= PROMISED["pgprocess"]
    assert {"Process", "Task", "TaskDependency", "Job", "JobTask"} <= PROMISED["pgprocess.models"]
    assert {"pgprocess.env", "pgprocess.signals", "pgprocess.statuses", "pgprocess.diagram"} <= PROMISED.keys()
