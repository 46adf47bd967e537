"""When each rule is called. Written by make initial."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("pgprocess", "0002_rules"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="notice",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM pg_notify('pgprocess_cron', '') FROM (SELECT FROM new_rows WHERE is_active AND has_schedule LIMIT 1) AS scheduled; RETURN NULL;",
                    hash="6a1bec0aa9ccf14c34462e12a5a209c1c0cfe601",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_notice_e089d",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="pgprocess_process",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="moved",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.next_run_at IS DISTINCT FROM NEW.next_run_at AND NEW.next_run_at IS NOT NULL AND OLD.looked_at IS NOT DISTINCT FROM NEW.looked_at)",
                    func="NEW.last_slot := greatest(NEW.next_run_at - interval '1 microsecond', '0002-01-01 00:00+00'); NEW.last_offset := NULL; RETURN NEW;",
                    hash="ac1fba6e2293e1f25f1634f79342c7f4be30706a",
                    operation="UPDATE",
                    pgid="pgtrigger_moved_f0e42",
                    table="pgprocess_process",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="reschedule",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."day_of_month" IS DISTINCT FROM (NEW."day_of_month") OR OLD."day_of_week" IS DISTINCT FROM (NEW."day_of_week") OR OLD."end_at" IS DISTINCT FROM (NEW."end_at") OR OLD."hour" IS DISTINCT FROM (NEW."hour") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."minute" IS DISTINCT FROM (NEW."minute") OR OLD."month" IS DISTINCT FROM (NEW."month") OR OLD."start_at" IS DISTINCT FROM (NEW."start_at") OR OLD."timezone" IS DISTINCT FROM (NEW."timezone"))',
                    func="NEW := pgprocess_reschedule(NEW); RETURN NEW;",
                    hash="1b2f803c822843d128b552236b5d58331bc63e98",
                    operation="UPDATE",
                    pgid="pgtrigger_reschedule_296b1",
                    table="pgprocess_process",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="resume",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."is_active" AND NOT OLD."is_active")',
                    func="PERFORM pgprocess_start_buffered_jobs(NEW.id, NULL); RETURN NULL;",
                    hash="cf37bd11945b9680fe3136151fc4dcc1605fb11c",
                    operation="UPDATE",
                    pgid="pgtrigger_resume_7c45f",
                    table="pgprocess_process",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="worker",
            trigger=pgtrigger.compiler.Trigger(
                name="gone",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="pgprocess_worker_after_delete()",
                    func="RETURN NULL;",
                    hash="482f360427b16659eb864e7cc88833f47eb0fcf1",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_gone_60689",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="pgprocess_worker",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="unfold",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM pgprocess_unfold(ARRAY(SELECT id FROM new_rows WHERE status = 'running' ORDER BY id)); PERFORM pgprocess_start_buffered_jobs(process_id, backfill_id) FROM (SELECT DISTINCT process_id, backfill_id FROM new_rows WHERE buffered ORDER BY 1, 2) AS line; RETURN NULL;",
                    hash="fd65ae94d4193ceeaf8cd75bb7c951e3c86165f3",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_unfold_d8059",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="pgprocess_job",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="guard_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="pgprocess_job_before_insert()",
                    func="RETURN NULL;",
                    hash="8621e406a9955cce7bfbec1a4c0ef97800f05689",
                    operation="INSERT",
                    pgid="pgtrigger_guard_insert_994ff",
                    table="pgprocess_job",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    execute="pgprocess_job_before_update()",
                    func="RETURN NULL;",
                    hash="ac36e955bc68a14bc335ecd1a07a4167b391e0dc",
                    operation="UPDATE",
                    pgid="pgtrigger_guard_e0e03",
                    table="pgprocess_job",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="cancel",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."status" = \'cancelled\' AND OLD."status" IS DISTINCT FROM (NEW."status"))',
                    func="PERFORM pgprocess_cancel(NEW.id); RETURN NULL;",
                    hash="544634281652302ecd934ac5efcf0f9216ce5244",
                    operation="UPDATE",
                    pgid="pgtrigger_cancel_95aba",
                    table="pgprocess_job",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="ended",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="pgprocess_job_after_update()",
                    func="RETURN NULL;",
                    hash="3ba5a392fc3f14bf8ca8bb58e14b06e53a9e4274",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_ended_ac179",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="pgprocess_job",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="gone",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.status = 'running' AND NOT OLD.buffered)",
                    func="PERFORM pgprocess_start_buffered_jobs(OLD.process_id, OLD.backfill_id); RETURN NULL;",
                    hash="b4a9d77960494a97226cda25a0c3e40f646ac503",
                    operation="DELETE",
                    pgid="pgtrigger_gone_69298",
                    table="pgprocess_job",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="start",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.buffered AND NOT NEW.buffered AND OLD.status = NEW.status AND OLD.backfill_id IS NOT DISTINCT FROM NEW.backfill_id)",
                    func="PERFORM pgprocess_start_job(NEW); RETURN NULL;",
                    hash="e7ff998c18b18588668da5bdea782480223eed3a",
                    operation="UPDATE",
                    pgid="pgtrigger_start_e41eb",
                    table="pgprocess_job",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="unfold_after_all",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"status\" = 'running' AND OLD.\"status\" = 'skipped')",
                    func="PERFORM pgprocess_unfold(ARRAY[NEW.id]); RETURN NULL;",
                    hash="ff2da373ac0d81a46bb0b5ffcd0d6f8a7c3030a4",
                    operation="UPDATE",
                    pgid="pgtrigger_unfold_after_all_aedbe",
                    table="pgprocess_job",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="backfill",
            trigger=pgtrigger.compiler.Trigger(
                name="release",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."concurrency" IS DISTINCT FROM (NEW."concurrency"))',
                    func="PERFORM pgprocess_start_buffered_jobs(NEW.process_id, NEW.id); RETURN NULL;",
                    hash="66b673a6562a2e14c9d0373ab0b75c0f32ffd203",
                    operation="UPDATE",
                    pgid="pgtrigger_release_a35ac",
                    table="pgprocess_backfill",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taskdependency",
            trigger=pgtrigger.compiler.Trigger(
                name="acyclic_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM pgprocess_refuse_cycle(ARRAY(SELECT id FROM new_rows)); RETURN NULL;",
                    hash="4e6dc9157c2137e1e022c1f9c62cfdf3238ec8bd",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_acyclic_insert_69265",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="pgprocess_taskdependency",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taskdependency",
            trigger=pgtrigger.compiler.Trigger(
                name="acyclic_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM pgprocess_refuse_cycle(ARRAY(SELECT id FROM new_rows)); RETURN NULL;",
                    hash="54b1466f43e18afb29cd37e6d0cf2e6f9e493838",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_acyclic_update_ee70e",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="pgprocess_taskdependency",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taskversion",
            trigger=pgtrigger.compiler.Trigger(
                name="immutable",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="22fa473a7441ed06e1a86c2bbf94fb1caeccc620",
                    operation="UPDATE",
                    pgid="pgtrigger_immutable_7c31d",
                    table="pgprocess_taskversion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="version_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM pgprocess_make_version(ARRAY(SELECT id FROM new_rows ORDER BY id)); RETURN NULL;",
                    hash="b688ec3d6c9b2d43d6abdd2140c9d320be1c97e0",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_version_insert_4c0c4",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="pgprocess_task",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="version_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM pgprocess_make_version(ARRAY(SELECT id FROM new_rows ORDER BY id)); RETURN NULL;",
                    hash="6c4a59ca15eece752902bc170667d41641aa39b9",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_version_update_ac01e",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="pgprocess_task",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jobtask",
            trigger=pgtrigger.compiler.Trigger(
                name="guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    execute="pgprocess_jobtask_before_update()",
                    func="RETURN NULL;",
                    hash="81d003dc98ebf77b3d0cff7d8303cde768a025b7",
                    operation="UPDATE",
                    pgid="pgtrigger_guard_d4a91",
                    table="pgprocess_jobtask",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jobtask",
            trigger=pgtrigger.compiler.Trigger(
                name="advance",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="pgprocess_jobtask_after_update()",
                    func="RETURN NULL;",
                    hash="9d0d1c03cc61d9935404a8da3e706b8aee8d6392",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_advance_1582a",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="pgprocess_jobtask",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jobtask",
            trigger=pgtrigger.compiler.Trigger(
                name="abandoned",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.status = 'running' AND NEW.status = 'running' AND OLD.worker_id IS NOT NULL AND NEW.worker_id IS NULL)",
                    func="NEW.status := 'ready'; NEW.reason := 'its worker was deleted'; RETURN NEW;",
                    hash="fd3a1ba0fde56de333fa28a61eaedaf95ad5fd73",
                    operation="UPDATE",
                    pgid="pgtrigger_abandoned_7082c",
                    table="pgprocess_jobtask",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jobtask",
            trigger=pgtrigger.compiler.Trigger(
                name="gone",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="pgprocess_jobtask_after_delete()",
                    func="RETURN NULL;",
                    hash="7957385c6a2f1cc4e78bda469218b203bde6ee7d",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_gone_6af46",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="pgprocess_jobtask",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jobtask",
            trigger=pgtrigger.compiler.Trigger(
                name="gone_for_good",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.job_id IS NOT NULL AND pgprocess_status_class(OLD.status) = 'open' AND coalesce(current_setting('pgprocess.changes', true), '') = '')",
                    constraint="CONSTRAINT",
                    func="PERFORM pgprocess_recount_job(OLD.job_id, true); RETURN NULL;",
                    hash="e3d98c546ea96a6f98e903c655e81b2654f7ee0b",
                    operation="DELETE",
                    pgid="pgtrigger_gone_for_good_ded70",
                    table="pgprocess_jobtask",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
    ]
