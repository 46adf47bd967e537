"""What is said with NOTIFY is heard, and a lost connection is a reason to look again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

import pytest

from pgprocess.postgres.listener import CANCEL, CRON, WORK, Listener
from tests.builders.drawing import Executes, draw
from tests.builders.waiting import until

Heard = SimpleQueue[tuple[str, str]]


@pytest.fixture
def listen(execute: Executes) -> Iterator[Callable[..., tuple[Listener, Heard]]]:
    """Listen to channels; what was heard until the listening began is taken out."""
    listeners = []

    def start(*channels: str, **options: Any) -> tuple[Listener, Heard]:
        heard: Heard = SimpleQueue()
        listener = Listener("default", channels, lambda *what: heard.put(what), **options)
        listener.start()
        listeners.append(listener)
        assert [heard.get(timeout=20) for _ in channels] == [(channel, "") for channel in channels]
        return listener, heard

    yield start
    for listener in listeners:
        listener.stop()
    cut_off(execute)  # they need not wait for their next look
    for listener in listeners:
        listener.join(20)
        assert not listener.is_alive()


def cut_off(execute: Executes) -> None:
    """Every listening connection to this database is gone."""
    execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'pgprocess listen' AND datname = current_database()"
    )


def test_what_is_said_is_heard_with_its_channel_in_order(listen: Any, execute: Executes) -> None:
    _, heard = listen(WORK, CANCEL)
    for channel, payload in [(WORK, "etl"), (CANCEL, ""), (WORK, "mail")]:
        execute("SELECT pg_notify(%s, %s)", [channel, payload])
    assert [heard.get(timeout=20) for _ in range(3)] == [(WORK, "etl"), (CANCEL, ""), (WORK, "mail")]


def test_what_is_kept_back_is_told_once_and_does_not_hold_up_the_rest(listen: Any, execute: Executes) -> None:
    _, heard = listen(WORK, CANCEL, hold=lambda channel: 0.2 if channel == WORK else 0.0)
    for channel, payload in [(WORK, "etl"), (WORK, "mail"), (CANCEL, ""), (WORK, "etl")]:
        execute("SELECT pg_notify(%s, %s)", [channel, payload])
    assert [heard.get(timeout=20) for _ in range(3)] == [(CANCEL, ""), (WORK, "etl"), (WORK, "mail")]
    execute("SELECT pg_notify(%s, 'last')", [CANCEL])
    assert heard.get(timeout=20) == (CANCEL, "last")


def test_other_channels_are_not_heard(listen: Any, execute: Executes) -> None:
    _, heard = listen(CANCEL)
    execute("SELECT pg_notify(%s, 'etl')", [WORK])
    execute("SELECT pg_notify(%s, 'last')", [CANCEL])
    assert heard.get(timeout=20) == (CANCEL, "last")


def test_new_work_is_heard_once_per_queue(listen: Any, execute: Executes) -> None:
    process = draw(execute, "a, b, c, d -> e", {"c": {"queue": "etl"}, "e": {"queue": "later"}})
    _, heard = listen(WORK)
    execute("INSERT INTO pgprocess_job (process_id) VALUES (%s)", [process])
    execute("SELECT pg_notify(%s, 'last')", [WORK])
    said = []
    while (payload := heard.get(timeout=20)[1]) != "last":
        said.append(payload)
    assert sorted(said) == ["default", "etl"]


def test_an_edited_schedule_is_heard_by_crons(listen: Any, execute: Executes) -> None:
    process = draw(execute, "a")
    _, heard = listen(CRON)
    execute("UPDATE pgprocess_process SET minute = '5' WHERE id = %s", [process])
    assert heard.get(timeout=20) == (CRON, "")


def test_after_a_lost_connection_everything_may_have_been_said(listen: Any, execute: Executes) -> None:
    _, heard = listen(WORK, CANCEL)
    cut_off(execute)
    assert [heard.get(timeout=20) for _ in range(2)] == [(WORK, ""), (CANCEL, "")]
    execute("SELECT pg_notify(%s, 'etl')", [WORK])
    assert heard.get(timeout=20) == (WORK, "etl")


def test_a_stopped_listener_leaves_no_connection_behind(listen: Any, execute: Executes) -> None:
    listener, _ = listen(WORK)
    listener.stop()
    listener.join(20)
    assert not listener.is_alive()
    until(
        execute,
        "NOT EXISTS (SELECT FROM pg_stat_activity "
        "WHERE application_name = 'pgprocess listen' AND datname = current_database())",
    )


def test_a_session_that_does_not_listen_any_more_is_noticed_and_renewed(
    listen: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    listener, heard = listen(WORK)
    monkeypatch.setattr("pgprocess.postgres.listener.VERIFY_EVERY", 0.0)
    listener.channels = (WORK, CANCEL)  # as if a pooler had given it a session that listens to less
    assert [heard.get(timeout=20) for _ in range(2)] == [(WORK, ""), (CANCEL, "")]
    assert "behind a pooler in transaction mode use --no-listen" in caplog.text
