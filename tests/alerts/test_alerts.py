"""Whoever shall hear of it hears of it, once; and a receiver that is not there delays nobody."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core import mail

from pgprocess.alerts.service import Alerts
from pgprocess.exceptions import ConfigurationError
from pgprocess.postgres.connection import Database
from pgprocess.signals import alert
from tests.alerts.conftest import round_of
from tests.builders.daily import Daily
from tests.builders.drawing import DrawnJob, Executes, draw
from tests.builders.waiting import until
from tests.races.together import together

DELIVERED = "bool_and(delivered_at IS NOT NULL) FROM pgprocess_delivery"


def a_failure(execute: Executes, name: str = "p") -> int:
    run = DrawnJob(execute, draw(execute, "extract", name=name), logical_date="2026-03-01 02:30+00")
    run.do("extract", "failed", error="the server\nis gone")
    return run.id


def test_a_failure_reaches_every_receiver_once(alerts, site, execute) -> None:
    heard = []

    def receiver(message: Any, **_: Any) -> None:
        heard.append(message.text)

    alert.connect(receiver)
    try:
        told = alerts(EMAIL=["ops@example.com"], WEBHOOK=[f"{site.url}/hook"], SIGNAL=True)
        job = a_failure(execute)
        for _ in range(3):
            round_of(told)
    finally:
        alert.disconnect(receiver)
    text = f"Job {job} of p (2026-03-01 02:30 UTC) failed: extract: the server."
    assert heard == [text]
    assert [(message.subject, message.to, message.body) for message in mail.outbox] == [
        ("[pgprocess] p: failed", ["ops@example.com"], text)
    ]
    [(method, path, body, key)] = site.got
    assert (method, path) == ("POST", "/hook")
    assert (body["event"], body["process"], body["job"], body["text"]) == ("failed", "p", job, text)
    assert (body["first_failed"], body["error"]) == ("extract", "the server\nis gone")
    assert body["logical_date"] == "2026-03-01T02:30:00+00:00"
    assert key.startswith("pgprocess-")
    assert execute(f"SELECT {DELIVERED}") == [(True,)]


def test_several_crons_tell_it_once(alerts, site, execute) -> None:
    crons = [alerts(WEBHOOK=[site.url]) for _ in range(4)]
    for number in range(5):
        a_failure(execute, f"p{number}")
    together(*(lambda each=each: round_of(each) for each in crons))
    assert len(site.got) == 5
    assert len({body["job"] for _, _, body, _ in site.got}) == 5


def test_one_that_is_not_there_is_tried_again_later_and_delays_nobody(alerts, site, execute) -> None:
    told = alerts(WEBHOOK=["http://127.0.0.1:9/dead", site.url])
    a_failure(execute)
    round_of(told)
    assert len(site.got) == 1
    [(attempts, waits, error)] = execute(
        "SELECT attempts, extract(epoch FROM next_at - now())::float8, error FROM pgprocess_delivery "
        "WHERE delivered_at IS NULL"
    )
    assert attempts == 1
    assert 5 < waits < 13
    assert "refused" in error
    round_of(told)
    assert execute("SELECT max(attempts) FROM pgprocess_delivery") == [(1,)]


def test_one_that_answers_with_an_error_is_told_again_until_it_does_not(alerts, site, execute) -> None:
    told = alerts(WEBHOOK=[site.url])
    a_failure(execute)
    site.status = 503
    round_of(told)
    site.status = 200
    for _ in range(2):
        execute("UPDATE pgprocess_delivery SET next_at = now() WHERE delivered_at IS NULL")
        round_of(told)
    assert len(site.got) == 2
    assert execute("SELECT attempts, error, next_at FROM pgprocess_delivery") == [(2, "", None)]


def test_after_twenty_tries_it_is_given_up(alerts, execute) -> None:
    told = alerts(WEBHOOK=["http://127.0.0.1:9/dead"])
    a_failure(execute)
    round_of(told)
    execute("UPDATE pgprocess_delivery SET attempts = 19, next_at = now()")
    round_of(told)
    assert execute("SELECT attempts, next_at, delivered_at FROM pgprocess_delivery") == [(20, None, None)]


def test_while_one_hangs_the_others_are_told(alerts, site, execute) -> None:
    lock = threading.Event()

    def hang(**_: Any) -> None:
        lock.wait(30)

    alert.connect(hang)
    try:
        told = alerts(WEBHOOK=[site.url], SIGNAL=True)
        a_failure(execute, "p1")
        told.tick()
        told.on_event(*told.inbox.get(timeout=30))
        a_failure(execute, "p2")
        told.tick()
        told.on_event(*told.inbox.get(timeout=30))
        assert told.busy == {"signal"}
        assert len(site.got) == 2
    finally:
        lock.set()
        round_of(told)
        alert.disconnect(hang)


def test_a_cron_that_dies_while_it_tells_leaves_it_to_another(alerts, site, execute) -> None:
    a_failure(execute)
    dying = alerts(WEBHOOK=[site.url])
    assert dying.outbox
    dying.outbox.address([f"webhook:{site.url}"], ["failed"])
    assert len(dying.outbox.lease(())) == 1
    other = alerts(WEBHOOK=[site.url])
    round_of(other)
    assert site.got == []
    execute("UPDATE pgprocess_delivery SET next_at = now()")
    round_of(other)
    assert len(site.got) == 1


def test_only_what_the_settings_name_is_told(alerts, site, execute) -> None:
    told = alerts(WEBHOOK=[site.url], ON=["recovered"])
    process = draw(execute, "a")
    for ending in ("failed", "succeeded"):
        DrawnJob(execute, process).do("a", ending)
    round_of(told)
    assert [body["event"] for _, _, body, _ in site.got] == ["recovered"]
    assert site.got[0][2]["text"].startswith("p has recovered: job ")


def test_the_monitor_of_a_process_is_pinged_after_each_success(alerts, site, execute) -> None:
    told = alerts()
    process = draw(execute, "a")
    execute("UPDATE pgprocess_process SET ping_url = %s", [f"{site.url}/ping/7"])
    for ending in ("succeeded", "failed"):
        DrawnJob(execute, process).do("a", ending)
    round_of(told)
    assert [(method, path) for method, path, _, _ in site.got] == [("GET", "/ping/7")]


# Late, and longer than usual


def test_a_slot_that_has_not_begun_in_time_is_late_once(alerts, site, execute) -> None:
    told = alerts(WEBHOOK=[site.url], LATE_AFTER=300)
    process = draw(execute, "a")
    slots = [("301 s", "schedule"), ("299 s", "schedule"), ("400 s", "demand")]
    for ago, origin in slots:
        execute(
            "INSERT INTO pgprocess_job (process_id, logical_date, origin) VALUES (%s, now() - %s::interval, %s)",
            [process, ago, origin],
        )
    for _ in range(2):
        told.looked_at = float("-inf")
        round_of(told)
    assert [body["event"] for _, _, body, _ in site.got] == ["late"]


def test_a_process_may_have_its_own_idea_of_late(alerts, site, execute) -> None:
    told = alerts(WEBHOOK=[site.url])
    process = draw(execute, "a")
    execute("UPDATE pgprocess_process SET late_after = 3600")
    run = DrawnJob(execute, process, logical_date="2026-01-01", origin="schedule")
    run.set("a", "running")
    DrawnJob(execute, process, origin="schedule")
    execute("UPDATE pgprocess_job SET logical_date = now() - interval '3599 s' WHERE logical_date IS NULL")
    round_of(told)
    assert site.got == []


def test_a_job_that_runs_much_longer_than_the_ones_before_is_told_of_once(alerts, site, execute) -> None:
    told = alerts(WEBHOOK=[site.url], LONG_FACTOR=2.0)
    process = draw(execute, "a")
    for _ in range(5):
        DrawnJob(execute, process).do("a")
    execute("UPDATE pgprocess_job SET started_at = now() - interval '1 h', finished_at = now() - interval '58 min'")
    longer, usual = DrawnJob(execute, process), DrawnJob(execute, process)
    execute("UPDATE pgprocess_job SET started_at = now() - interval '241 s' WHERE id = %s", [longer.id])
    execute("UPDATE pgprocess_job SET started_at = now() - interval '200 s' WHERE id = %s", [usual.id])
    for _ in range(2):
        told.looked_at = float("-inf")
        round_of(told)
    assert [(body["event"], body["job"]) for _, _, body, _ in site.got] == [("long", longer.id)]


def test_slots_that_crons_came_too_late_for_are_told_of_once(alerts, site, cron, execute) -> None:
    told = alerts(WEBHOOK=[site.url], ON=["missed"])
    daily = Daily(execute, missed=3, misfire_grace=60)
    Daily(execute, "in time", missed=3)
    cron.tick()
    round_of(told)
    [(_, _, body, _)] = site.got
    assert (body["event"], body["status"]) == ("missed", "skipped")
    assert body["text"].startswith(f"daily ({daily.slot:%Y-%m-%d %H:%M} UTC) did not run: missed: it was 72")


def test_old_alerts_are_forgotten(alerts, execute) -> None:
    told = alerts(SIGNAL=True)
    a_failure(execute)
    round_of(told)
    execute("UPDATE pgprocess_alert SET created_at = now() - interval '31 days'")
    told.pruned_at = float("-inf")
    round_of(told)
    assert execute("SELECT count(*) FROM pgprocess_alert") == [(0,)]
    assert execute("SELECT count(*) FROM pgprocess_delivery") == [(0,)]


def test_a_failure_wakes_the_delivering_thread_of_a_cron(site, settings, execute) -> None:
    from tests.cron.test_service import Background

    settings.PGPROCESS = {"ALERTS": {"WEBHOOK": [site.url]}}
    with Background():
        until(
            execute,
            "count(*) >= 3 FROM pg_stat_activity WHERE application_name LIKE 'pgprocess%' "
            "AND datname = current_database() AND query <> ''",
        )
        a_failure(execute)
        until(execute, f"coalesce((SELECT {DELIVERED}), false)")
    assert len(site.got) == 1


def test_people_read_it_in_their_language(alerts, settings, execute) -> None:
    settings.LANGUAGE_CODE = "es"
    told = alerts(EMAIL=["ops@example.com"])
    job = a_failure(execute)
    round_of(told)
    assert mail.outbox[0].body == f"El trabajo {job} de p (2026-03-01 02:30 UTC) ha fallado: extract: the server."


# Settings


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"EMAILS": []}, "did you mean 'EMAIL'"),
        ({"EMAIL": "ops@example.com"}, "is a list"),
        ({"WEBHOOK": ["file:///etc/passwd"]}, "does not begin with http"),
        ({"ON": ["failure"]}, "use failed, recovered, late, missed, long"),
        ([], "is a dict, not list"),
    ],
)
def test_settings_that_can_not_be_are_refused_with_a_sentence(settings, given, said) -> None:
    from pgprocess.checks import check_settings

    settings.PGPROCESS = {"ALERTS": given}
    with pytest.raises(ConfigurationError, match=said):
        Alerts(Database("default"))
    assert said in check_settings()[0].msg
