"""What callables log and print is their task's output, each one's own, and nobody else's is."""

from __future__ import annotations

import asyncio
import io
import logging
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from pgprocess import Context
from pgprocess.attempt import Outcome
from pgprocess.logs import capture
from pgprocess.runners.base import Stop
from pgprocess.runners.executor import Executor
from pgprocess.statuses import Status
from tests.builders.attempts import DEADLINE, Recorder, a_call, executing, nowhere, registering, running_callables

executor = pytest.fixture(executing)
run = pytest.fixture(running_callables)
registered = pytest.fixture(autouse=True)(registering)

logger = logging.getLogger("shop.loading")


@pytest.fixture(autouse=True)
def the_logger_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logger, "level", logging.INFO)


@contextmanager
def a_worker() -> Iterator[io.BytesIO]:
    """Within, all is captured; what goes to stdout all the same. Not a fixture: for each, pytest sets new streams."""
    stdout = io.BytesIO()
    with pytest.MonkeyPatch.context() as streams:
        streams.setattr(sys, "stdout", io.TextIOWrapper(stdout, "utf-8", write_through=True))
        streams.setattr(sys, "stderr", io.StringIO())
        capture.install()
        yield stdout
        capture.uninstall()


def output_of(run: Any, function: Any) -> Recorder:
    output = Recorder()
    with a_worker():
        run(function, output=output)
    return output


def test_what_a_function_logs_is_output_line_by_line(run: Any) -> None:
    def load() -> None:
        logger.info("loaded %s rows of %r", 5, "größe")
        logging.getLogger("django.db").warning("slow")
        logging.warning("to the root")

    assert output_of(run, load).stderr == (
        "INFO shop.loading: loaded 5 rows of 'größe'\nWARNING django.db: slow\nWARNING root: to the root\n"
    )


def test_a_traceback_is_logged_with_its_message(run: Any) -> None:
    def load() -> None:
        try:
            raise ValueError("no such day")
        except ValueError:
            logger.exception("can't load")

    lines = output_of(run, load).stderr.splitlines()
    assert lines[:2] == ["ERROR shop.loading: can't load", "Traceback (most recent call last):"]
    assert lines[-1] == "ValueError: no such day"


def test_what_loggers_do_not_let_through_is_not_output(run: Any) -> None:
    def load() -> None:
        logger.debug("never")
        logging.getLogger("pgprocess").warning("of the worker itself")
        logging.getLogger("pgprocess.postgres.listener").warning("of the worker itself")

    assert output_of(run, load).written == []


def test_the_workers_own_handlers_lose_nothing_and_see_no_traces_of_us(run: Any) -> None:
    class Handler(logging.Handler):
        records: list[logging.LogRecord] = []

        def emit(self, record: logging.LogRecord) -> None:
            self.records.append(record)
            print("a handler prints", file=sys.stderr)
            logging.getLogger("shop.handler").error("a handler logs")

    quiet = logging.getLogger("shop.quiet")  # does not propagate, as many a project's loggers
    quiet.propagate = False
    quiet.addHandler(Handler())

    def load() -> None:
        try:
            raise ValueError
        except ValueError:
            quiet.exception("can't %s", "load")

    try:
        output = output_of(run, load)
    finally:
        quiet.handlers.clear()
    [record] = Handler.records
    assert (record.msg, record.args, record.exc_text) == ("can't %s", ("load",), None)
    assert output.stderr.splitlines()[0] == "ERROR shop.quiet: can't load"
    assert "a handler" not in output.stderr


def test_a_record_that_can_not_be_formatted_is_shown_as_it_is(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    monkeypatch.setattr(logging.root, "handlers", [])  # pytest's own would complain
    output = output_of(run, lambda: logger.warning("%d rows", "many"))
    assert output.stderr == "WARNING shop.loading: '%d rows' ('many',)\n"


def test_what_a_function_prints_is_output_and_goes_where_it_went(run: Any) -> None:
    def load() -> None:
        print("rows:", 5)
        print("slow", file=sys.stderr, flush=True)
        sys.stdout.buffer.write(b"\xff\n")
        sys.stdout.writelines(["a\n", "b\n"])

    output = Recorder()
    with a_worker() as stdout:
        run(load, output=output)
        assert (sys.stdout.encoding, sys.stdout.isatty()) == ("utf-8", False)
        assert stdout.getvalue() == output.bytes("stdout") == b"rows: 5\n\xff\na\nb\n"
    assert output.stderr == "slow\n"


def test_what_a_management_command_says_is_output(run: Any) -> None:
    from django.core.management import call_command

    output = output_of(run, lambda: call_command("check"))
    assert output.text() == "System check identified no issues (0 silenced).\n"


def test_outside_of_a_task_nothing_is_captured(run: Any) -> None:
    output = Recorder()
    with a_worker():
        run(lambda: print("inside"), output=output)
        print("outside")
        logger.error("outside")
    assert output.text() + output.stderr == "inside\n"


def test_threads_with_the_tasks_context_belong_to_it_until_it_ends(run: Any) -> None:
    ended, late = threading.Event(), threading.Event()

    def work() -> None:
        print("in its thread")
        ended.wait(DEADLINE)
        print("after its end")
        late.set()

    def load() -> None:
        threading.Thread(target=copy_context().run, args=[work]).start()
        thread = threading.Thread(target=copy_context().run, args=[print, "in another"])
        thread.start()
        thread.join()
        threading.Thread(target=print, args=["nobody's"]).start()

    output = Recorder()
    with a_worker():
        run(load, output=output)
        ended.set()
        assert late.wait(DEADLINE)
    assert sorted(output.text().splitlines()) == ["in another", "in its thread"]


def test_async_tasks_on_one_loop_are_told_apart(executor: Executor) -> None:
    many = 50
    meet = asyncio.Barrier(many)

    async def fetch(context: Context) -> None:
        await meet.wait()
        logger.info("%s", context.jobtask_id)
        await asyncio.gather(asyncio.to_thread(logger.info, "%s", context.jobtask_id), below(context.jobtask_id))
        await sync_to_async(print)(context.jobtask_id)

    async def below(number: int) -> None:
        await meet.wait()
        print(number)

    outputs = [Recorder() for _ in range(many)]
    endings: list[Future[Outcome]] = [Future() for _ in range(many)]
    with a_worker():
        for n in range(many):
            executor.begin(a_call(fetch, id=n), outputs[n], Stop(), endings[n].set_result, nowhere)
        assert {ending.result(DEADLINE).status for ending in endings} == {Status.SUCCEEDED}
    for n in range(many):
        assert outputs[n].stderr == f"INFO shop.loading: {n}\n" * 2
        assert outputs[n].text() == f"{n}\n" * 2


def test_output_that_can_not_be_kept_harms_nobody(run: Any) -> None:
    def fail() -> None:
        raise OSError("full")

    with a_worker():
        outcome = run(lambda: print("much"), output=Recorder(b"much", fail))
    assert outcome.status == Status.SUCCEEDED


def test_installing_twice_is_installing_once_and_can_be_undone() -> None:
    before = sys.stdout, sys.stderr, logging.Logger.callHandlers
    capture.uninstall()
    capture.install()
    capture.install()
    assert sys.stdout is not before[0]
    capture.uninstall()
    assert (sys.stdout, sys.stderr, logging.Logger.callHandlers) == before


def test_streams_that_are_not_there_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    capture.install()
    assert sys.stdout is None
    capture.uninstall()
