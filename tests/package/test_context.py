"""``current``: the run of a callable, and of a script."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgprocess.context import VARIABLES, Context, current, environment, from_environment, running
from pgprocess.exceptions import PgprocessError

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(), json_values, max_size=3)


def a_context(**fields: Any) -> Context:
    usual: dict[str, Any] = {
        "job_id": 1,
        "jobtask_id": 2,
        "task": "load",
        "attempt": 3,
        "logical_date": datetime(2026, 3, 29, 4, 30, tzinfo=UTC),
        "params": {"day": "monday"},
        "parents": {"extract": {"rows": 5}},
    }
    return Context(**usual | fields)


def told(context: Context) -> Context | None:
    """Return what a script reads from the environment that it is given; the files are gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        return from_environment(environment(context, Path(folder)))


def test_outside_of_a_run_there_is_nothing_to_ask() -> None:
    with pytest.raises(PgprocessError, match="There is no current run to ask for 'params'"):
        _ = current.params
    assert repr(current) == "<no current run>"
    assert not hasattr(current, "__wrapped__")


def test_current_is_the_run_that_the_code_belongs_to() -> None:
    inner, outer = a_context(task="inner"), a_context(task="outer")
    with running(outer):
        with running(inner):
            assert (current.task, current.parents) == ("inner", {"extract": {"rows": 5}})
        assert current.task == "outer"
        assert repr(current) == repr(outer)


def test_current_can_not_be_changed() -> None:
    with running(a_context()), pytest.raises(AttributeError):
        current.task = "other"


def test_a_run_ends_with_its_code_even_when_that_raises() -> None:
    with pytest.raises(ZeroDivisionError), running(a_context()):
        _ = 1 / 0
    assert repr(current) == "<no current run>"


def test_threads_that_run_at_the_same_time_have_their_own() -> None:
    meet, seen = threading.Barrier(2), set()

    def code(name: str) -> None:
        with running(a_context(task=name)):
            meet.wait()
            seen.add((name, current.task))

    threads = [threading.Thread(target=code, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {("a", "a"), ("b", "b")}


def test_async_tasks_that_run_at_the_same_time_have_their_own() -> None:
    async def code(name: str, meet: asyncio.Barrier) -> str:
        with running(a_context(task=name)):
            await meet.wait()
            return await asyncio.to_thread(lambda: current.task)

    async def both() -> list[str]:
        meet = asyncio.Barrier(2)
        return [*await asyncio.gather(code("a", meet), code("b", meet))]

    assert asyncio.run(both()) == ["a", "b"]


def test_cancelled_is_whether_it_was_told_to_stop() -> None:
    stopped = threading.Event()
    context = a_context(stopped=stopped)
    assert not context.cancelled
    stopped.set()
    assert context.cancelled


def test_a_script_is_told_in_words_and_json(tmp_path: Path) -> None:
    context = a_context(map_index=0, item=["x"])
    assert environment(context, tmp_path) == {
        "PGPROCESS_JOB_ID": "1",
        "PGPROCESS_JOBTASK_ID": "2",
        "PGPROCESS_TASK": "load",
        "PGPROCESS_ATTEMPT": "3",
        "PGPROCESS_LOGICAL_DATE": "2026-03-29T04:30:00+00:00",
        "PGPROCESS_PARAMS": '{"day": "monday"}',
        "PGPROCESS_PARENTS": '{"extract": {"rows": 5}}',
        "PGPROCESS_MAP_INDEX": "0",
        "PGPROCESS_ITEM": '["x"]',
    }
    assert list(tmp_path.iterdir()) == []


def test_what_there_is_none_of_is_told_as_empty(tmp_path: Path) -> None:
    variables = environment(a_context(job_id=None, logical_date=None), tmp_path)
    assert variables["PGPROCESS_JOB_ID"] == variables["PGPROCESS_LOGICAL_DATE"] == ""
    assert (variables["PGPROCESS_MAP_INDEX"], variables["PGPROCESS_ITEM"]) == ("", "null")


def test_what_is_too_large_for_a_variable_stands_in_a_file(tmp_path: Path) -> None:
    context = a_context(parents={"extract": "ü" * 500_000})
    variables = environment(context, tmp_path)
    assert "PGPROCESS_PARENTS" not in variables
    path = Path(variables["PGPROCESS_PARENTS_FILE"])
    assert path.parent == tmp_path
    assert json.loads(path.read_text()) == context.parents
    assert from_environment(variables) == context
    assert variables.keys() <= VARIABLES


@settings(deadline=None)
@given(params=objects, parents=objects, item=json_values, task=st.text())
def test_a_script_reads_what_it_was_told(params: Any, parents: Any, item: Any, task: str) -> None:
    zone = timezone(timedelta(hours=5, minutes=45))
    for date in (None, datetime(2026, 1, 1, microsecond=1, tzinfo=zone)):
        context = a_context(params=params, parents=parents, item=item, task=task, logical_date=date)
        assert told(context) == context


def test_a_script_started_by_hand_need_not_be_told_everything() -> None:
    assert from_environment({"PGPROCESS_JOBTASK_ID": "7", "PGPROCESS_PARAMS": '{"a": 1}'}) == Context(
        job_id=None, jobtask_id=7, task="", attempt=1, logical_date=None, params={"a": 1}, parents={}
    )
    assert from_environment({"PGPROCESS_DATABASE_URL": "postgres://"}) is None


def test_current_in_a_script_is_what_its_environment_tells(tmp_path: Path) -> None:
    context = a_context(parents={"extract": "x" * 200_000})
    code = "from pgprocess import current as c; print(c.task, c.attempt, len(c.parents['extract']))"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment(context, tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "load 3 200000\n"
