"""Our pages in an admin that django-unfold has redone: they answer, and nothing of them is lost.

Its templates take the places of Django's at start, so the pages are asked for in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytest.importorskip("unfold")

ASK = """
import json, sys
import django
django.setup()
from django.contrib.auth.models import User
from django.test import Client
client = Client(raise_request_exception=False)
client.force_login(User.objects.get(username="admin"))
answers = {}
for address in json.loads(sys.argv[1]):
    response = client.get(address, headers={"host": "localhost"})
    answers[address] = [response.status_code, response.content.decode()]
json.dump(answers, sys.stdout)
"""


@pytest.mark.django_db(transaction=True)
def test_every_page_stands_under_unfold():
    from django.contrib.auth.models import User
    from django.urls import reverse

    from tests.browser.scenery import night

    User.objects.create_superuser("admin", password="x")
    shown = night(runs=2)
    run = shown["run"]
    pages = {
        reverse("admin:app_list", args=["pgprocess"]): "Running now",
        reverse("admin:pgprocess_job_changelist"): "pgp-status",
        reverse("admin:pgprocess_job_change", args=[run.id]): "pgp-timeline",
        reverse("admin:pgprocess_job_retry", args=[run.id]): "Runs again at once",
        reverse("admin:pgprocess_jobtask_changelist"): "pgp-status",
        reverse("admin:pgprocess_jobtask_change", args=[run.get("export_csv", "id")]): "ConnectionError",
        reverse("admin:pgprocess_process_changelist"): "nightly-sales",
        reverse("admin:pgprocess_process_change", args=[shown["process"]]): "<svg",
        reverse("admin:pgprocess_task_changelist"): "export_csv",
        reverse("admin:pgprocess_task_change", args=[run.get("export_csv", "task_id")]): "export_csv",
        reverse("admin:pgprocess_worker_changelist"): "web-3:4711",
        reverse("admin:pgprocess_worker_change", args=[shown["worker"].pk]): "features",
        reverse("admin:pgprocess_worker_queues"): "gpu",
    }
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.admin.unfold"}
    asked = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASK, json.dumps(list(pages))],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert asked.returncode == 0, asked.stderr[-3000:]
    answers = json.loads(asked.stdout)
    for address, words in pages.items():
        status, html = answers[address]
        assert status == 200, (address, html[-2000:], asked.stderr[-3000:])
        assert words in html, address
        assert "pgprocess/admin.css" in html, address
    assert "unfold/css/styles.css" in answers[reverse("admin:pgprocess_job_change", args=[run.id])][1]
