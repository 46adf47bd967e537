"""No list tells by its filters what its pages mask or leave out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.test import Client, RequestFactory

from pgprocess.models import Job, Process
from tests.admin.conftest import address

pytestmark = pytest.mark.django_db
SECRET = (models.JSONField, models.TextField)
SUFFIXES = ("", "__startswith", "__db_password__startswith", "__contains", "__isnull", "__regex", "__0__x")
OURS = [
    admin.site.get_model_admin(model)
    for model in apps.get_app_config("pgprocess").get_models()
    if admin.site.is_registered(model)
]


def paths(model: type[models.Model], depth: int) -> Iterator[str]:
    """Yield every path, through up to so many relations, to a column that may hold a secret."""
    for field in model._meta.get_fields():
        related = field.related_model
        if isinstance(field, SECRET) or field.name in ("ping_url", "claim_token", "code", "text"):
            yield field.name
        elif isinstance(related, type) and related._meta.app_label == "pgprocess" and depth:
            yield from (f"{field.name}__{path}" for path in paths(related, depth - 1))


@pytest.mark.parametrize("of", OURS, ids=lambda of: str(of.opts.model_name))
def test_no_lookup_reaches_a_column_that_may_hold_a_secret(of: Any) -> None:
    request = RequestFactory().get("/")
    found = list(paths(of.model, 2))
    allowed = [path + end for path in found for end in SUFFIXES if of.lookup_allowed(path + end, "h", request)]
    assert found
    assert allowed == []


@pytest.mark.parametrize(
    ("name", "lookup"),
    [
        ("job", "params__db_password__startswith"),
        ("job", "params"),
        ("job", "params__contains"),
        ("job", "tasks__result__token__startswith"),
        ("jobtask", "job__params__db_password__startswith"),
        ("jobtask", "result__token__startswith"),
        ("jobtask", "item__token__startswith"),
        ("jobtask", "log__text__contains"),
        ("process", "jobs__params__db_password__startswith"),
        ("process", "ping_url__startswith"),
        ("task", "runs__result__token"),
    ],
)
def test_such_a_filter_answers_400(somebody: Callable[..., Client], name: str, lookup: str) -> None:
    client = somebody("view_job", "view_jobtask", "view_process", "view_task")
    Job.create(Process.objects.create(name="p"), {"db_password": "hunter2"})
    assert client.get(address(f"{name}_changelist"), {lookup: "h"}).status_code == 400


def test_the_filters_of_lists_and_links_work(somebody: Callable[..., Client]) -> None:
    client = somebody("view_job", "view_jobtask")
    process = Process.objects.create(name="p")
    job, _ = Job.create(process)
    queries: list[tuple[str, dict[str, Any]]] = [
        ("job", {"process__id__exact": process.pk}),
        ("job", {"origin__exact": "demand"}),
        ("job", {"created_at__gte": "2020-01-01 00:00+00:00"}),
        ("jobtask", {"job__id__exact": job.pk}),
        ("jobtask", {"status__exact": "ready"}),
    ]
    for name, query in queries:
        assert client.get(address(f"{name}_changelist"), query).status_code == 200


@pytest.mark.parametrize("query", [{"o": "params"}, {"q": "hunter"}, {"_to_field": "params"}, {"p": "hunter"}])
def test_neither_order_nor_search_tells(somebody: Callable[..., Client], query: dict[str, str]) -> None:
    client = somebody("view_job")
    Job.create(Process.objects.create(name="p"), {"db_password": "hunter2"})
    answer = client.get(address("job_changelist"), query)
    assert answer.status_code in (200, 302, 400)
    assert "hunter2" not in answer.content.decode()
    if "q" in query:
        assert "p #" not in answer.content.decode()
