"""What one alert, or one receiver, can do to others: nothing."""

from __future__ import annotations

import logging
import threading
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.core import mail
from django.core.mail import EmailMessage

from pgprocess.alerts import channels, service
from pgprocess.alerts.channels import DeliveryError
from pgprocess.alerts.outbox import Message
from pgprocess.alerts.service import Alerts
from pgprocess.models import Alert, Delivery, Job, JobTask, Process
from pgprocess.signals import alert
from tests.alerts.conftest import Site, round_of
from tests.builders.drawing import DrawnJob, Executes, draw

Telling = Callable[..., Alerts]
EXTREMES = {
    "IntegerField": (2**31 - 1, -(2**31)),
    "BigAutoField": (),
    "BigIntegerField": (2**63 - 1,),
    "FloatField": ("Infinity", "-Infinity", "NaN", 1e308),
    "DateTimeField": ("infinity", "-infinity", "0044-03-15 BC", "9998-12-31 23:59 UTC", "0002-01-01 UTC"),
    "CharField": ("", "\n", "a\r\nBcc: all@example.com", "%s %(job)s {0}", "\U0001f680" * 50),
    "TextField": ("\n", "%s %(x)d", "x" * 5_000_000),
    "JSONField": ('{"n": 1e5000}', "[" * 2000 + "]" * 2000, "null"),
    "BooleanField": (True, False),
    "UUIDField": (),
}
COLUMNS = [
    (model._meta.db_table, str(field.column), value)
    for model in (Process, Job, JobTask, Alert, Delivery)
    for field in model._meta.concrete_fields
    if not field.generated and not field.is_relation
    for value in EXTREMES[field.get_internal_type()]
]


def failures(execute: Executes, *names: str) -> None:
    for name in names:
        DrawnJob(execute, draw(execute, "a", name=name)).do("a", "failed", error="gone")


def told(site: Site) -> list[str]:
    return sorted(body["process"] for _, _, body, _ in site.got)


def attempts(execute: Executes) -> dict[str, int]:
    rows = execute(
        "SELECT process.name, delivery.attempts FROM pgprocess_delivery AS delivery JOIN pgprocess_alert AS alert "
        "ON alert.id = alert_id JOIN pgprocess_process AS process ON process.id = process_id ORDER BY alert.id"
    )
    return dict(rows)


@contextmanager
def hearing(receiver: Callable[..., None]) -> Iterator[None]:
    alert.connect(receiver)
    try:
        yield
    finally:
        alert.disconnect(receiver)


# Messages


@pytest.mark.parametrize("error", [KeyError("slot"), UnicodeError("no"), RecursionError(), ValueError("header")])
def test_a_message_that_can_not_be_built_is_tried_later_and_the_others_go(
    alerts: Telling, site: Site, execute: Executes, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    written: Any = Message.__dict__["text"].fget

    def text(message: Message) -> str:
        if message.process.startswith("bad"):
            raise error
        return str(written(message))

    monkeypatch.setattr(Message, "text", property(text))
    telling = alerts(WEBHOOK=[site.url], EMAIL=["ops@example.com"], SIGNAL=True)
    failures(execute, "bad", "good", "bad2", "bad3", "better")
    round_of(telling)
    assert told(site) == ["better", "good"]
    assert [message.subject for message in mail.outbox] == ["[pgprocess] good: failed", "[pgprocess] better: failed"]
    assert execute(
        "SELECT count(*), max(attempts), bool_and(next_at > now()) FROM pgprocess_delivery WHERE delivered_at IS NULL"
    ) == [(6, 1, True)]


def test_mail_that_a_server_refuses_is_no_sign_that_the_server_is_gone(
    alerts: Telling, execute: Executes, monkeypatch: pytest.MonkeyPatch
) -> None:
    import smtplib

    def send(message: EmailMessage, **_: Any) -> int:
        if "bad" in message.subject:
            raise smtplib.SMTPDataError(554, b"looks like spam")
        return 1

    monkeypatch.setattr(EmailMessage, "send", send)
    telling = alerts(EMAIL=["ops@example.com"])
    failures(execute, "bad", "bad2", "bad3", "good")
    round_of(telling)
    assert execute("SELECT count(*) FROM pgprocess_delivery WHERE delivered_at IS NOT NULL") == [(1,)]


def test_a_header_is_one_line_whatever_a_name_holds() -> None:
    from datetime import UTC, datetime

    at = datetime(2026, 1, 1, tzinfo=UTC)
    message = Message(1, "email:o@example.com", 1, "failed", 1, "a\nBcc: x", 1, "failed", None, None, "", "", "", at)
    channels.prepare(message)()
    assert mail.outbox[0].subject == "[pgprocess] a\\nBcc: x: failed"


# Receivers


def test_a_receiver_that_hangs_for_one_message_gets_the_others(
    alerts: Telling, execute: Executes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "LIMIT", 0.2)
    heard, lock = [], threading.Event()

    def receiver(message: Message, **_: Any) -> None:
        if message.process == "bad":
            lock.wait(60)
        heard.append(message.process)

    with hearing(receiver):
        telling = alerts(SIGNAL=True)
        failures(execute, "bad", "good", "better")
        round_of(telling)
        assert heard == ["good", "better"]
        lock.set()
    [(error,)] = execute("SELECT error FROM pgprocess_delivery WHERE delivered_at IS NULL")
    assert "longer than 0.2 s" in error


def test_a_receiver_of_whom_many_calls_hang_is_left_alone_until_they_end(
    alerts: Telling, execute: Executes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "LIMIT", 0.05)
    monkeypatch.setattr(service, "MOST_HUNG", 2)
    lock = threading.Event()
    with hearing(lambda **_: lock.wait(60)):  # type: ignore[arg-type]
        telling = alerts(SIGNAL=True)
        failures(execute, "p1", "p2", "p3")
        round_of(telling)
        assert telling.not_to_be_told == {"signal"}
        lock.set()
        for thread in telling.hung["signal"]:
            thread.join(30)
    assert telling.not_to_be_told == set()


def test_what_was_not_tried_since_the_receiver_was_out_of_reach_has_all_its_attempts(
    alerts: Telling, execute: Executes
) -> None:
    telling = alerts(WEBHOOK=["http://127.0.0.1:9/dead"])
    failures(execute, "p1", "p2", "p3", "p4")
    round_of(telling)
    assert attempts(execute) == {"p1": 1, "p2": 1, "p3": 0, "p4": 0}


def test_what_was_never_tried_goes_first(alerts: Telling, site: Site, execute: Executes) -> None:
    telling = alerts(WEBHOOK=[site.url])
    failures(execute, *[f"p{number}" for number in range(60)])
    site.status = 500
    round_of(telling)
    round_of(telling)
    while telling.busy:
        telling.on_event(*telling.inbox.get(timeout=30))
    execute("UPDATE pgprocess_delivery SET next_at = now() - interval '1 h'")
    failures(execute, "new")
    site.got.clear()
    site.status = 200
    telling.tick()
    while not site.got:
        telling.on_event(*telling.inbox.get(timeout=30))
    assert site.got[0][2]["process"] == "new"


@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_a_receiver_that_ends_its_thread_is_told_again(alerts: Telling, execute: Executes, end: type) -> None:
    def receiver(**_: Any) -> None:
        raise end

    with hearing(receiver):
        telling = alerts(SIGNAL=True)
        failures(execute, "p")
        round_of(telling)
    assert telling.busy == set()
    assert attempts(execute) == {"p": 1}


# Rows


@pytest.mark.parametrize(("table", "column", "value"), COLUMNS)
def test_no_value_of_a_column_keeps_other_alerts_from_going_out(
    alerts: Telling, site: Site, execute: Executes, table: str, column: str, value: object
) -> None:
    telling = alerts(WEBHOOK=[site.url], LATE_AFTER=1, LONG_FACTOR=1e6)
    telling.outbox.address([f"webhook:{site.url}"], ["failed"]) if telling.outbox else None
    failures(execute, "bad")
    telling.outbox.address([f"webhook:{site.url}"], ["failed"]) if telling.outbox else None
    try:
        execute(f"UPDATE {table} SET {column} = %s", [value])
    except psycopg.errors.DatabaseError:
        return  # refused, as tests/sql/test_checks.py has it
    failures(execute, "good")
    telling.looked_at = float("-inf")
    for _ in range(2):
        round_of(telling)
    assert "good" in told(site)


@pytest.mark.parametrize("when", ["INSERT", "UPDATE"])
def test_rows_that_a_rule_of_the_project_refuses_are_left_out(
    alerts: Telling, site: Site, execute: Executes, when: str
) -> None:
    telling = alerts(WEBHOOK=[site.url])
    failures(execute, "bad", "good")
    execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.alert_id = (SELECT min(id) FROM pgprocess_alert) THEN RAISE 'not this one'; END IF; "
        "RETURN NEW; END $$"
    )
    execute(f"CREATE TRIGGER refuse BEFORE {when} ON pgprocess_delivery FOR EACH ROW EXECUTE FUNCTION refuse()")
    try:
        round_of(telling)
        failures(execute, "later")
        round_of(telling)
    finally:
        execute("DROP FUNCTION refuse CASCADE")
    assert told(site) == ["good", "later"]


def test_a_delivery_that_somebody_has_locked_is_recorded_later_and_the_others_now(
    alerts: Telling, site: Site, execute: Executes, connect: Callable[..., Any]
) -> None:
    telling = alerts(WEBHOOK=[site.url])
    failures(execute, "locked", "good")
    telling.tick()
    telling.on_event(*telling.inbox.get(timeout=30))
    other = connect()
    with other.transaction():
        other.execute("SELECT FROM pgprocess_delivery WHERE id = (SELECT min(id) FROM pgprocess_delivery) FOR UPDATE")
        telling.tick()
        assert execute("SELECT count(delivered_at) FROM pgprocess_delivery") == [(1,)]
    telling.tick()
    assert execute("SELECT count(delivered_at) FROM pgprocess_delivery") == [(2,)]
    assert len(site.got) == 2


# Addresses


def redirecting(site: Site, location: str) -> None:
    site.location = location
    site.status = 302


def test_a_redirect_within_the_host_is_followed_and_to_another_is_not(
    alerts: Telling, site: Site, execute: Executes
) -> None:
    failures(execute, "p")
    elsewhere = Site()
    thread = threading.Thread(target=elsewhere.server.serve_forever, args=[0.01])
    thread.start()
    try:
        for url in (
            elsewhere.url,
            elsewhere.url.replace("127.0.0.1", "localhost"),
            "file:///etc/passwd",
            "//x.example",
        ):
            redirecting(site, url)
            for channel in ("ping", "webhook"):
                with pytest.raises((DeliveryError, urllib.error.URLError)):
                    channels.prepare(a_message(f"{channel}:{site.url}/hook"))()
    finally:
        elsewhere.server.shutdown()
        thread.join()
        elsewhere.server.server_close()
    assert elsewhere.got == []
    redirecting(site, "/there")
    channels.prepare(a_message(f"ping:{site.url}/hook"))()
    assert site.got[-1][1] == "/there"


def a_message(receiver: str) -> Message:
    from datetime import UTC, datetime

    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Message(1, receiver, 1, "failed", 1, "p", 1, "failed", None, None, "", "", "", at)


@pytest.mark.parametrize(
    "address",
    [
        "http://hunter2:hunter2@127.0.0.1:9/services/hunter2?key=hunter2",
        "http://127.0.0.1:9/hunter2 with blanks",
        "http://127.0.0.1:hunter2/x",
        "http://[hunter2/x",
        "http://127.0.0.1:9/hunter2\n",
        "ftp://hunter2@127.0.0.1/hunter2",
        "hunter2",
    ],
)
@pytest.mark.parametrize("channel", ["webhook", "ping"])
def test_no_log_and_no_error_holds_an_address(
    alerts: Telling, execute: Executes, caplog: pytest.LogCaptureFixture, channel: str, address: str
) -> None:
    telling = alerts()
    caplog.set_level(logging.DEBUG, "pgprocess")
    error, _ = telling.try_to_deliver(a_message(f"{channel}:{address}"))
    assert error
    assert "hunter2" not in error + caplog.text


def test_a_receiver_that_answers_is_named_by_its_host_alone(
    alerts: Telling, site: Site, execute: Executes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "pgprocess")
    telling = alerts(WEBHOOK=[f"{site.url}/hunter2"])
    failures(execute, "p")
    round_of(telling)
    assert told(site) == ["p"]
    assert f"webhook:{site.url}/••••••" in caplog.text
    assert "hunter2" not in caplog.text
