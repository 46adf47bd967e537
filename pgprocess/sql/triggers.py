"""When each rule is called: the triggers of the tables. What a rule does is in ``sql/functions``.

A trigger on the path of every claim and completion calls its rule itself (:class:`Direct`).
"""

from __future__ import annotations

from typing import Any

import pgtrigger
import pgtrigger.compiler


class Trigger(pgtrigger.Trigger):
    """A trigger that is the same in every project, and is installed in the schema of its table.

    pgtrigger writes the schema of the setting PGTRIGGER_SCHEMA into it, "public" without one: a project that sets it
    would find that our migrations are not up to date, and one without that schema could not install them.
    """

    def compile(self, model: Any) -> Any:
        """Return the compiled trigger, whatever the project's settings say."""
        compiled = super().compile(model)
        kwargs = compiled.sql.kwargs | {"ignore_func_name": "_pgtrigger_should_ignore"}
        return pgtrigger.compiler.Trigger(name=compiled.name, sql=pgtrigger.compiler.UpsertTriggerSql(**kwargs))


class Direct(Trigger):
    """A trigger whose rule is a trigger function, and is called as one.

    The function that pgtrigger puts around a rule asks for every row whether somebody wants the trigger ignored, which
    took more than half of the time of an update; and rules are not there to be ignored.
    """

    def __init__(self, *, rule: str, **options: Any) -> None:
        super().__init__(func="RETURN NULL;", **options)
        self.rule = rule

    def render_execute(self, model: Any) -> str:
        """Return the call of the rule."""
        return f"{self.rule}()"


def _new_rows(name: str, operation: pgtrigger.Operation, call: str) -> Trigger:
    return Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(new="new_rows"),
        func=f"PERFORM {call}; RETURN NULL;",
    )


PROCESS = (
    _new_rows(
        "notice",
        pgtrigger.Insert,
        "pg_notify('pgprocess_cron', '') "
        "FROM (SELECT FROM new_rows WHERE is_active AND has_schedule LIMIT 1) AS scheduled",
    ),
    # Whoever moves the cursor by hand, and is no cron that has just looked, says from where on slots count.
    Trigger(
        name="moved",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "OLD.next_run_at IS DISTINCT FROM NEW.next_run_at AND NEW.next_run_at IS NOT NULL "
            "AND OLD.looked_at IS NOT DISTINCT FROM NEW.looked_at"
        ),
        func="NEW.last_slot := greatest(NEW.next_run_at - interval '1 microsecond', '0002-01-01 00:00+00'); "
        "NEW.last_offset := NULL; RETURN NEW;",
    ),
    Trigger(
        name="reschedule",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange(
            "is_active", "minute", "hour", "day_of_month", "month", "day_of_week", "timezone", "start_at", "end_at"
        ),
        func="NEW := pgprocess_reschedule(NEW); RETURN NEW;",
    ),
    Trigger(
        name="resume",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__is_active=False, new__is_active=True),
        func="PERFORM pgprocess_start_buffered_jobs(NEW.id, NULL); RETURN NULL;",
    ),
)

BACKFILL = (
    Trigger(
        name="release",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange("concurrency"),
        func="PERFORM pgprocess_start_buffered_jobs(NEW.process_id, NEW.id); RETURN NULL;",
    ),
)

_VERSION = "pgprocess_make_version(ARRAY(SELECT id FROM new_rows ORDER BY id))"

TASK = (
    _new_rows("version_insert", pgtrigger.Insert, _VERSION),
    _new_rows("version_update", pgtrigger.Update, _VERSION),
)


class Protect(Trigger, pgtrigger.Protect):
    """A trigger that refuses an operation."""


TASK_VERSION = (Protect(name="immutable", operation=pgtrigger.Update),)

_ACYCLIC = "pgprocess_refuse_cycle(ARRAY(SELECT id FROM new_rows))"

TASK_DEPENDENCY = (
    _new_rows("acyclic_insert", pgtrigger.Insert, _ACYCLIC),
    _new_rows("acyclic_update", pgtrigger.Update, _ACYCLIC),
)

JOB = (
    _new_rows(
        "unfold",
        pgtrigger.Insert,
        "pgprocess_unfold(ARRAY(SELECT id FROM new_rows WHERE status = 'running' ORDER BY id)); "
        "PERFORM pgprocess_start_buffered_jobs(process_id, backfill_id) "
        "FROM (SELECT DISTINCT process_id, backfill_id FROM new_rows WHERE buffered ORDER BY 1, 2) AS line",
    ),
    Direct(name="guard_insert", when=pgtrigger.Before, operation=pgtrigger.Insert, rule="pgprocess_job_before_insert"),
    Direct(
        name="guard",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__status__df=pgtrigger.F("new__status")),
        rule="pgprocess_job_before_update",
    ),
    Trigger(
        name="cancel",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__status__df=pgtrigger.F("new__status"), new__status="cancelled"),
        func="PERFORM pgprocess_cancel(NEW.id); RETURN NULL;",
    ),
    Direct(
        name="ended",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
        rule="pgprocess_job_after_update",
    ),
    Trigger(
        name="gone",
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        condition=pgtrigger.Condition("OLD.status = 'running' AND NOT OLD.buffered"),
        func="PERFORM pgprocess_start_buffered_jobs(OLD.process_id, OLD.backfill_id); RETURN NULL;",
    ),
    Trigger(
        name="start",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "OLD.buffered AND NOT NEW.buffered AND OLD.status = NEW.status "
            "AND OLD.backfill_id IS NOT DISTINCT FROM NEW.backfill_id"
        ),
        func="PERFORM pgprocess_start_job(NEW); RETURN NULL;",
    ),
    Trigger(
        name="unfold_after_all",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__status="skipped", new__status="running"),
        func="PERFORM pgprocess_unfold(ARRAY[NEW.id]); RETURN NULL;",
    ),
)

JOB_TASK = (
    Direct(
        name="guard",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__status__df=pgtrigger.F("new__status")),
        rule="pgprocess_jobtask_before_update",
    ),
    Direct(
        name="advance",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
        rule="pgprocess_jobtask_after_update",
    ),
    # Django empties the column before it deletes the worker; the name comes before guard's, so that this comes first.
    Trigger(
        name="abandoned",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "OLD.status = 'running' AND NEW.status = 'running' AND OLD.worker_id IS NOT NULL AND NEW.worker_id IS NULL"
        ),
        func="NEW.status := 'ready'; NEW.reason := 'its worker was deleted'; RETURN NEW;",
    ),
    Direct(
        name="gone",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        referencing=pgtrigger.Referencing(old="old_rows"),
        rule="pgprocess_jobtask_after_delete",
    ),
    # Not for what rules delete, which is the surplus of a mapped task: an event for each item would hold up the commit.
    Trigger(
        name="gone_for_good",
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Condition(
            "OLD.job_id IS NOT NULL AND pgprocess_status_class(OLD.status) = 'open' "
            "AND coalesce(current_setting('pgprocess.changes', true), '') = ''"
        ),
        func="PERFORM pgprocess_recount_job(OLD.job_id, true); RETURN NULL;",
    ),
)

WORKER = (
    Direct(
        name="gone",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        referencing=pgtrigger.Referencing(old="old_rows"),
        rule="pgprocess_worker_after_delete",
    ),
)
