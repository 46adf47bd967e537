"""What a callable changes for the whole process is put back after it, and harms nobody who runs beside it."""

from __future__ import annotations

import asyncio
import io
import locale
import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from contextvars import ContextVar
from decimal import getcontext
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation

from pgprocess.logs import capture
from pgprocess.runners.executor import Executor
from pgprocess.statuses import Status
from tests.builders.attempts import Recorder, a_call, a_run, executing, outcome_of, registering

executor = pytest.fixture(executing)
registered = pytest.fixture(registering, autouse=True)
logger = logging.getLogger("shop.state")


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    """What a worker installs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", io.StringIO())
        patch.setattr(sys, "stderr", io.StringIO())
        capture.install()
        yield
        capture.uninstall()


@pytest.fixture
def run(executor: Executor) -> Callable[..., str]:
    """Run a function as a task; return what was captured of it."""

    def run(function: Any) -> str:
        output = Recorder()
        outcome = outcome_of(executor, a_call(function), output)
        assert outcome.status == Status.SUCCEEDED, outcome
        return output.text() + output.stderr

    return run


def says() -> None:
    print("said")
    print("told", file=sys.stderr)
    logger.warning("logged")


HEARD = "said\ntold\nWARNING shop.state: logged\n"


def assign() -> None:
    sys.stdout = io.StringIO()
    sys.stderr = None
    print("nowhere")
    print("nowhere", file=sys.stderr)


def wrap() -> None:
    class Twice:
        def __init__(self, stream: Any) -> None:
            self.stream = stream

        def write(self, text: str) -> int:
            return int(self.stream.write(text * 2))

        def flush(self) -> None:
            self.stream.flush()

    sys.stdout = Twice(sys.stdout)
    print("two", end=" ")


def delete() -> None:
    del sys.stdout


def in_a_thread() -> None:
    thread = threading.Thread(target=assign)
    thread.start()
    thread.join()


def never_left() -> None:
    redirect_stdout(io.StringIO()).__enter__()
    redirect_stderr(io.StringIO()).__enter__()


def configure() -> None:
    logging.basicConfig(force=True, level=logging.CRITICAL, handlers=[logging.NullHandler()])


def reconfigure() -> None:
    import logging.config

    logging.config.dictConfig({"version": 1, "root": {"level": "CRITICAL", "handlers": []}})


def disable() -> None:
    logging.disable()


def silence() -> None:
    logging.root.handlers.clear()
    logging.root.setLevel(logging.CRITICAL)


LOUD = (assign, wrap, delete, in_a_thread, never_left, configure, reconfigure, disable, silence)


@pytest.mark.parametrize("leave", LOUD, ids=lambda leave: leave.__name__)
def test_later_tasks_are_heard(run: Any, leave: Any) -> None:
    handlers, level = list(logging.root.handlers), logging.root.level
    run(leave)
    assert run(says) == HEARD
    assert (logging.root.handlers, logging.root.level, logging.root.manager.disable) == (handlers, level, 0)
    assert not logger.disabled
    stdout: Any = sys.stdout
    assert "said" in stdout.original.getvalue()


def test_a_task_reads_back_what_it_has_put_there(run: Any) -> None:
    found: list[Any] = []

    def look() -> None:
        mine = io.StringIO()
        with redirect_stdout(mine):
            print("mine")
            found.append((sys.stdout is mine, mine.getvalue()))
        print("all's")

    assert run(look) == "all's\n"
    assert found == [(True, "mine\n")]
    assert run(wrap) == "twotwo  "


@pytest.mark.parametrize("kind", ["threads", "async"])
def test_two_that_overlap_keep_apart_and_a_third_is_heard(executor: Executor, kind: str) -> None:
    """The first begins and ends first: with one variable for all, the second would leave the first's buffer there."""
    begun, ended = threading.Event(), threading.Event()
    mine: dict[str, str] = {}

    def first() -> None:
        with redirect_stdout(io.StringIO()) as buffer:
            print("first")
            begun.wait(20)
        mine["first"] = buffer.getvalue()

    def second() -> None:
        with redirect_stdout(io.StringIO()) as buffer:
            print("second")
            begun.set()
            ended.wait(20)
            print("more")
        mine["second"] = buffer.getvalue()

    async def first_async() -> None:
        with redirect_stdout(io.StringIO()) as buffer:
            print("first")
            while not begun.is_set():
                await asyncio.sleep(0.01)
        mine["first"] = buffer.getvalue()

    async def second_async() -> None:
        with redirect_stdout(io.StringIO()) as buffer:
            print("second")
            begun.set()
            while not ended.is_set():
                await asyncio.sleep(0.01)
            print("more")
        mine["second"] = buffer.getvalue()

    calls = (first, second) if kind == "threads" else (first_async, second_async)
    output = Recorder()
    with ThreadPoolExecutor(2) as threads:
        one, two = (threads.submit(outcome_of, executor, a_call(call)) for call in calls)
        assert one.result().status == Status.SUCCEEDED
        outcome_of(executor, a_call(says), output)
        ended.set()
        assert two.result().status == Status.SUCCEEDED
    assert mine == {"first": "first\n", "second": "second\nmore\n"}
    assert output.text() == "said\n"
    later = Recorder()
    outcome_of(executor, a_call(says), later)
    assert later.text() == "said\n"


STATE: dict[str, Callable[[], Any]] = {
    "environment": lambda: dict(os.environ),
    "folder": os.getcwd,
    "locale": lambda: locale.setlocale(locale.LC_ALL),
    "filters": lambda: list(warnings.filters),
    "language": translation.get_language,
    "zone": timezone.get_current_timezone_name,
    "precision": lambda: getcontext().prec,
    "variable": lambda: VARIABLE.get(),
    "handlers": lambda: list(logging.root.handlers),
}
VARIABLE: ContextVar[int] = ContextVar("shop_variable", default=0)


def change_all() -> None:
    os.environ["SHOP_NEW"] = "1"
    os.environ.pop("PATH", None)
    os.environ["HOME"] = "/changed"
    os.chdir("/")
    os.umask(0)
    locale.setlocale(locale.LC_ALL, "C" if locale.setlocale(locale.LC_ALL) != "C" else "C.UTF-8")
    warnings.simplefilter("error")
    translation.activate("es")
    timezone.activate("Asia/Kathmandu")
    getcontext().prec = 3
    VARIABLE.set(1)
    logging.root.addHandler(logging.NullHandler())


@pytest.mark.parametrize("name", STATE)
def test_what_is_changed_for_all_is_put_back(run: Any, name: str) -> None:
    before = STATE[name]()
    found: list[Any] = []
    run(change_all)
    run(lambda: found.append(STATE[name]()))
    assert found == [before]
    assert STATE[name]() == before


def test_the_umask_is_put_back(run: Any) -> None:
    before = os.umask(0o22)
    os.umask(before)
    run(change_all)
    now = os.umask(before)
    assert now == before


def test_who_still_runs_keeps_what_it_has_set(executor: Executor, run: Any) -> None:
    set_it, other = threading.Event(), threading.Event()
    found: list[str | None] = []

    def setting() -> None:
        os.environ["SHOP_NEW"] = "1"
        set_it.set()
        other.wait(20)
        found.append(os.environ.get("SHOP_NEW"))

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(outcome_of, executor, a_call(setting))
        assert set_it.wait(20)
        run(says)
        other.set()
        running.result()
    assert found == ["1"]
    assert "SHOP_NEW" not in os.environ


def test_what_the_import_of_a_module_sets_stays(
    executor: Executor, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module is imported once, so nobody would set it again."""
    (tmp_path / "shop_setting.py").write_text(
        "import os\nfrom pgprocess import task\nos.environ['SHOP_SET'] = '1'\n\n@task\ndef nothing(): pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("SHOP_SET", "0")
    begun, imported = threading.Event(), threading.Event()

    def beside() -> None:
        os.environ["SHOP_NEW"] = "1"
        begun.set()
        imported.wait(20)

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(outcome_of, executor, a_call(beside))
        assert begun.wait(20)
        outcome = outcome_of(executor, a_run(kind="callable", target="shop_setting.nothing"))
        imported.set()
        running.result()
    assert outcome.status == Status.SUCCEEDED
    assert (os.environ["SHOP_SET"], "SHOP_NEW" in os.environ) == ("1", False)
