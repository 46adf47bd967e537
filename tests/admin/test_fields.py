"""Fields of our forms: a moment is one field, with one label, and comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import admin
from django.utils import timezone

from pgprocess.models import Job, Process


def test_a_moment_is_one_field_and_comes_back_as_it_was(rf):
    moment = datetime(2026, 10, 25, 0, 30, 15, tzinfo=UTC)
    site = admin.site.get_model_admin(Process)
    field = site.formfield_for_dbfield(Job._meta.get_field("run_at"), rf.get("/"))
    assert field
    with timezone.override("Europe/Berlin"):
        shown = field.widget.format_value(field.prepare_value(moment))
        assert shown == "2026-10-25T02:30:15"
        assert field.clean("2026-11-24T02:30") == datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
        assert not field.has_changed(datetime(2026, 11, 24, 1, 30, tzinfo=UTC), "2026-11-24T02:30:00")
