"""Numbers that no row can have, in every address of the admin that takes one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from pgprocess.admin.base import read_number
from pgprocess.models import Task
from tests.builders.drawing import DrawnJob, on_django

pytestmark = pytest.mark.django_db

TOO_LONG = ["9" * 19, "9" * 5000]
"""One digit more than a bigint may have, and more than Python reads as a number."""
NUMBERS = re.compile(r"<(?:int:\w+|path:object_id)>")
IN_A_QUERY = ("task", "attempt", "after", "since", "with", "p", "id__lt", "job__id__exact", "task__id__exact")
IN_A_LIST = ("process__id__exact", "task__process__id__exact", "worker__id__exact")


def routes() -> Iterator[tuple[str, str]]:
    """Return the pages of our admins whose address holds a number: the model, and the rest of the address."""
    for model_admin in admin.site._registry.values():  # noqa: SLF001  Django has no public list
        if model_admin.opts.app_label != "pgprocess":
            continue
        for pattern in model_admin.urls:
            if NUMBERS.search(route := str(pattern.pattern)):
                yield str(model_admin.opts.model_name), route.replace("<slug:suffix>", "svg")


def addresses(number: Any) -> list[str]:
    """Return the pages of :func:`routes`, for the row of that number."""
    return [f"/admin/pgprocess/{model}/{NUMBERS.sub(str(number), route)}" for model, route in routes()]


def test_the_walk_meets_every_room() -> None:
    assert {model for model, _route in routes()} == {"job", "jobtask", "process", "task", "worker"}
    assert len(addresses(1)) > 40


@pytest.mark.parametrize("number", TOO_LONG, ids=len)
def test_a_page_of_a_row_that_can_not_be_is_not_found(admin_client: Any, number: str) -> None:
    for address in addresses(number):
        status = admin_client.get(address, follow=True).status_code
        if status == 405:
            status = admin_client.post(address).status_code
        assert status == 404, address.replace(number, "N")


@pytest.mark.parametrize("number", TOO_LONG, ids=len)
def test_such_a_number_in_a_query_counts_as_none(admin_client: Any, number: str) -> None:
    run = DrawnJob(on_django(), "a")
    task = Task.objects.get()
    pages = {"job": run.id, "jobtask": run.get("a", "id"), "process": task.process_id, "task": task.pk}
    query = dict.fromkeys(IN_A_QUERY, number)
    for model, route in routes():
        if model not in pages:
            continue
        address = f"/admin/pgprocess/{model}/{NUMBERS.sub('1', NUMBERS.sub(str(pages[model]), route, count=1))}"
        expected = admin_client.get(address, follow=True).status_code
        assert admin_client.get(address, query, follow=True).status_code == expected, address


@pytest.mark.parametrize("number", TOO_LONG, ids=len)
@pytest.mark.parametrize("model", ["job", "jobtask", "process", "task", "worker"])
def test_such_a_number_in_a_list_is_no_error(admin_client: Any, model: str, number: str) -> None:
    address = reverse(f"admin:pgprocess_{model}_changelist")
    for name in (*IN_A_QUERY, *IN_A_LIST, "q"):
        assert admin_client.get(address, {name: number}, follow=True).status_code == 200


@pytest.mark.parametrize("number", TOO_LONG, ids=len)
def test_such_a_number_in_a_form_is_refused(admin_client: Any, number: str) -> None:
    run = DrawnJob(on_django(), "a")
    add = reverse("admin:pgprocess_task_add")
    assert admin_client.get(add, {"process": number}).status_code == 200
    assert admin_client.post(add, {"process": number, "name": "b"}).status_code == 200
    place = reverse("admin:pgprocess_process_place", args=[run.process])
    assert admin_client.post(place, {"task": number, "offset": "5%"}).status_code == 400


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("007", 7), ("9" * 18, 10**18 - 1), ("9" * 19, 0), ("", 0), ("-1", 0), ("1.5", 0), (" 1", 0), ("²", 0)],
)
def test_a_number_is_read_if_a_row_can_have_it(text: str, number: int) -> None:
    assert read_number(text) == number
