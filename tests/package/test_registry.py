"""``@task`` gives functions names, and names find functions."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pgprocess import registry
from pgprocess.exceptions import ConfigurationError, TaskNotFound
from pgprocess.registry import task
from tests.builders.attempts import registering

registered = pytest.fixture(autouse=True)(registering)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A folder on the path; writes modules into it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name: str, code: str) -> None:
        file = tmp_path.joinpath(*name.split(".")).with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code)

    return write


def test_a_task_is_named_by_its_dotted_path() -> None:
    @task
    def load() -> None: ...

    assert load.name == f"{__name__}.test_a_task_is_named_by_its_dotted_path.<locals>.load"
    assert registry.get(load.name) is load


def test_a_task_may_be_named_at_will() -> None:
    @task("nightly-load")
    def load() -> None: ...

    @task(name="report", transactional=True)
    def report() -> None: ...

    assert registry.get("nightly-load") is load
    assert registry.get("report") is report
    assert (load.transactional, report.transactional) == (False, True)


def test_a_task_is_still_its_function() -> None:
    @task
    def add(a: int, b: int = 1) -> int:
        """The sum."""
        return a + b

    assert (add(1), add(1, b=2)) == (2, 3)
    assert (add.__name__, add.__doc__) == ("add", "The sum.")
    assert repr(add) == f"<task {add.name}>"


def test_an_async_task_is_known_as_one_and_can_be_awaited() -> None:
    @task
    async def fetch() -> str:
        return "page"

    @task
    def load() -> None: ...

    assert (fetch.is_async, load.is_async) == (True, False)
    assert asyncio.run(fetch()) == "page"


def test_a_parameter_named_context_asks_for_the_run() -> None:
    @task
    def with_context(context: Any) -> None: ...

    @task
    def without(other: Any = None) -> None: ...

    assert (with_context.takes_context, without.takes_context) == (True, False)


def test_two_functions_under_one_name_are_refused() -> None:
    @task("load")
    def load_sales() -> None: ...

    with pytest.raises(ConfigurationError, match=r"Two tasks are named 'load', .*load_sales and .*load_stock"):

        @task("load")
        def load_stock() -> None: ...

    assert registry.get("load") is load_sales


def test_a_module_that_is_loaded_again_replaces_its_own() -> None:
    def load() -> None: ...

    task("load")(load)
    again = task("load")(load)
    assert registry.get("load") is again


def test_a_dotted_path_is_imported_to_find_its_task(project: Any) -> None:
    project("shop_a.jobs", "from pgprocess import task\n@task\ndef load(): return 1\n")
    assert registry.get("shop_a.jobs.load")() == 1


def test_a_method_is_found_below_its_module(project: Any) -> None:
    project(
        "shop_b",
        "from pgprocess import task\nclass Shop:\n    @staticmethod\n    @task\n    def load(): return 2\n",
    )
    assert registry.get("shop_b.Shop.load")() == 2


def test_what_a_module_fails_to_import_is_not_hidden(project: Any) -> None:
    project("shop_c", "import missing_module_of_shop_c\n")
    with pytest.raises(ModuleNotFoundError, match="missing_module_of_shop_c"):
        registry.get("shop_c.load")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    @task("nightly-load")
    def load() -> None: ...

    with pytest.raises(TaskNotFound, match="did you mean 'nightly-load'") as caught:
        registry.get("nightly_load")
    assert caught.value.name == "nightly_load"


@pytest.mark.parametrize("name", ["load", "no_such_module.load", "", ".", "..load", "not a path.load", "a\x00.b"])
def test_an_unknown_name_with_nothing_near_says_what_to_do(name: str) -> None:
    with pytest.raises(TaskNotFound, match="put @task above the function"):
        registry.get(name)


def test_autodiscover_imports_the_tasks_module_of_every_app(project: Any, settings: Any) -> None:
    project("shop_d.tasks", "from pgprocess import task\n@task('shop_d-load')\ndef load(): ...\n")
    project("shop_d.__init__", "")
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "shop_d"]
    registry.autodiscover()
    assert registry.get("shop_d-load").name == "shop_d-load"


def test_isolated_tasks_are_forgotten_and_the_earlier_ones_known_again() -> None:
    @task("load")
    def load() -> None: ...

    with pytest.raises(RuntimeError), registry.isolated():
        with pytest.raises(TaskNotFound):
            registry.get("load")
        task("load")(print)
        assert registry.get("load").function is print
        raise RuntimeError("a test that fails")
    assert registry.get("load") is load
