"""The page of a process: its schedule in words and while it is written, its policies, its tasks as rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.utils.translation import override

from pgprocess.admin.process import schedule_words as words
from pgprocess.admin.process import task_inline as rows
from pgprocess.models import Job, Process, TaskDependency
from tests.admin.conftest import address, errors_of, fields_of, submit
from tests.builders.drawing import draw, on_django

pytestmark = pytest.mark.django_db

BERLIN = {"minute": "30", "hour": "2", "timezone": "Europe/Berlin"}


@pytest.fixture
def process():
    return Process.objects.get(pk=draw(on_django(), "a -> b -> c, d"))


@pytest.fixture
def page(process):
    return address("process_change", process.pk)


def preview(client, **fields):
    return client.get(address("process_schedule"), fields).content.decode()


def row_of(client, page, name):
    """Return the prefix of the row of a task."""
    [prefix] = [
        key.removesuffix("-name")
        for key, values in fields_of(client.get(page).content.decode()).items()
        if key.endswith("-name") and values == [name]
    ]
    return prefix


def edges(process):
    return set(TaskDependency.objects.filter(task__process=process).values_list("parent__name", "task__name"))


# The schedule


def test_a_change_of_the_clocks_that_concerns_a_run_is_told():
    told = words.schedule_facts(Process(**BERLIN), datetime(2027, 3, 1, tzinfo=UTC))
    assert told["changes"] == [
        {
            "text": "On 28 March 2027 the clocks of Europe/Berlin go forward from 02:00 to 03:00. "
            "What is due in between runs at 03:00, once.",
            "concerned": True,
        }
    ]


def test_a_change_of_the_clocks_that_concerns_no_run_says_so():
    told = words.schedule_facts(
        Process(minute="0", hour="12", timezone="Europe/Berlin"), datetime(2026, 10, 1, tzinfo=UTC)
    )
    [change] = told["changes"]
    assert change["text"].endswith("go back from 03:00 to 02:00. No run is moved by that.")
    assert not change["concerned"]


def test_what_a_schedule_means_is_told_while_it_is_written(somebody):
    client = somebody("view_process")
    assert preview(client, **BERLIN).count("02:30 CE") == 5
    assert "On demand only." in preview(client)
    assert "hour" in preview(client, minute="0", hour="25")
    assert "never runs" in preview(client, minute="0", hour="0", day_of_month="31", month="2")
    assert "did you mean Europe/Berlin?" in preview(client, minute="0", timezone="Europe/Berln")


@pytest.mark.parametrize("text", ["<script>", "\x00", "*" * 10_000, "{{ 1 }}", "💥", "' OR 1=1", "../..", "1" * 199])
@pytest.mark.parametrize("field", ["minute", "timezone"])
def test_whatever_is_written_is_answered_and_escaped(somebody, field, text):
    answer = somebody("add_process").get(address("process_schedule"), {field: text})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()


def test_nobody_asks_what_a_schedule_means_without_permission(somebody):
    assert somebody("view_job").get(address("process_schedule")).status_code == 403


def test_a_schedule_that_never_fires_is_refused_when_saved(admin_client, page):
    refused = submit(admin_client, page, minute="0", hour="0", day_of_month="30", month="2")
    assert "This schedule never runs" in errors_of(refused)


def test_the_policies_are_told_in_words():
    assert words.policy_sentences(Process(overlap="allow", catch_up="none")) == [
        "Jobs may run beside each other.",
        "Slots that were missed do not run.",
    ]


# The tasks


def test_parents_are_chosen_row_by_row_and_written_together(admin_client, process, page):
    a, _b, c, d = (process.tasks.get(name=name) for name in "abcd")
    changes = {f"{row_of(admin_client, page, 'c')}-waits_for": [a.pk, d.pk]}
    changes |= {f"{row_of(admin_client, page, 'b')}-waits_for": [c.pk]}
    changes |= {f"{row_of(admin_client, page, 'd')}-waits_for": []}
    assert submit(admin_client, page, **changes).status_code == 302
    assert edges(process) == {("a", "c"), ("d", "c"), ("c", "b")}
    assert "Waits for" in LogEntry.objects.get().get_change_message()


def test_a_circle_of_several_rows_is_named_and_nothing_is_saved(admin_client, process, page):
    c = process.tasks.get(name="c")
    changes = {f"{row_of(admin_client, page, 'a')}-waits_for": [c.pk], "description": "new"}
    refused = errors_of(submit(admin_client, page, **changes))
    assert any(
        f"close a circle: {circle}." in refused for circle in ("a → b → c → a", "b → c → a → b", "c → a → b → c")
    )
    process.refresh_from_db()
    assert (edges(process), process.description) == ({("a", "b"), ("b", "c")}, "")


def test_a_task_of_another_process_can_not_become_a_parent(admin_client, process, page):
    draw(on_django(), "stranger", name="q")
    stranger = Process.objects.get(name="q").tasks.get()
    refused = errors_of(submit(admin_client, page, **{f"{row_of(admin_client, page, 'a')}-waits_for": [stranger.pk]}))
    assert "Choose among the tasks of the same process." in refused


def test_a_task_that_is_deleted_takes_its_edges_along(admin_client, process, page):
    row = row_of(admin_client, page, "b")
    assert submit(admin_client, page, **{f"{row}-DELETE": "on"}).status_code == 302
    assert edges(process) == set()
    assert process.tasks.count() == 3


def test_a_task_that_has_run_is_not_deleted(admin_client, process, page):
    Job.create(process)
    refused = errors_of(submit(admin_client, page, **{f"{row_of(admin_client, page, 'b')}-DELETE": "on"}))
    assert "Deleting task b would require deleting the following protected related objects" in refused


def test_level_and_offset_are_written_in_the_rows(admin_client, process, page):
    row = row_of(admin_client, page, "c")
    submit(admin_client, page, **{f"{row}-level": "0", f"{row}-offset": "-25%"})
    c = process.tasks.get(name="c")
    assert (c.level, c.offset) == (0, "-25%")
    refused = errors_of(submit(admin_client, page, **{f"{row}-offset": "left"}))
    assert "Give a percentage from the middle" in refused


def test_what_only_the_database_sees_is_refused_in_its_words(admin_client, process, page, monkeypatch):
    """Let the database refuse, as if somebody else had added the other half of the circle meanwhile."""
    monkeypatch.setattr(rows, "refuse_circles", lambda names, edges: None)
    c = process.tasks.get(name="c")
    changes = {f"{row_of(admin_client, page, 'a')}-waits_for": [c.pk], "description": "new"}
    answer = submit(admin_client, page, **changes)
    assert answer.status_code == 302
    shown = admin_client.get(answer.url).content.decode()
    assert "These dependencies close a circle: " in shown
    assert "CONTEXT" not in shown
    process.refresh_from_db()
    assert (edges(process), process.description) == ({("a", "b"), ("b", "c")}, "")


def test_more_tasks_than_one_form_holds_are_shown_and_edited_on_their_own_pages(
    admin_client, django_assert_max_num_queries
):
    large = Process.objects.get(pk=draw(on_django(), ", ".join(f"x -> y{n}" for n in range(rows.MOST)), name="large"))
    url = address("process_change", large.pk)
    with django_assert_max_num_queries(20):
        shown = admin_client.get(url).content.decode()
    assert not [key for key in fields_of(shown) if key.startswith("tasks-")]
    assert address("task_change", large.tasks.get(name="y7").pk) in shown
    assert submit(admin_client, url, description="new").status_code == 302


def test_the_page_takes_as_many_queries_for_many_tasks_as_for_few(admin_client, django_assert_num_queries, page):
    many = Process.objects.get(pk=draw(on_django(), ", ".join(f"x -> y{n}" for n in range(40)), name="many"))
    for url in (page, address("process_change", many.pk)):
        with django_assert_num_queries(13):
            admin_client.get(url)


def test_who_may_only_look_sees_everything_and_changes_nothing(somebody, process, page):
    client = somebody("view_process")
    shown = client.get(page).content.decode()
    assert "<svg" in shown
    assert "data-arrange" not in shown
    assert not [key for key in fields_of(shown) if key.startswith("tasks-") or key == "minute"]
    for name in ("run", "pause", "duplicate", "unplace"):
        assert address(f"process_{name}", process.pk) not in shown
    assert client.post(page, {"name": "x"}).status_code == 403


def test_a_reader_of_spanish_reads_spanish(admin_client, process, page):
    Process.objects.update(**BERLIN)
    with override("en"):  # what the request activates does not stay
        shown = admin_client.get(page, headers={"accept-language": "es"}).content.decode()
        asked = admin_client.get(
            address("process_pause", process.pk), headers={"accept-language": "es"}
        ).content.decode()
    for words_ in ("Próximas ejecuciones", "Mover cajas", "Si el último trabajo sigue en marcha, el turno se omite."):
        assert words_ in shown
    assert "¿Poner p en pausa?" in asked
