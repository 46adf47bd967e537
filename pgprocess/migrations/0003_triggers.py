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
                    hash="11fcce332d8f9a41431942a20da06fca7c25c6ac",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="5b9006ed5ed07c522a14e927f8be5bc9ce599578",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="3ad144344f8847750af746f8f84b5951ae304108",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="607d5344652fa3a1c52717be5140478918058a1f",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="ee6f4541c507ae8ead62c6ea685a3f2d28997bc4",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="968e7573b22f43c6b7e581c47841e54915c52b5c",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="c0a533cc788d17dcddb1eef743de5d85ce632599",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="9e0eb7c1d728acad774c513c9b286f64ee18436e",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="eaf9670170e478b1cd89e4f8d7fea3a72e4e5070",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="6687c0ccfc321b4f1a1e7f950691cd8ad0ecb90c",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="00b0e29a630ac34c90a563340fdc907dcd766a96",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="e961c78e657466989530296f5df485d4552f4868",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="c869b27edb8b1199f132781ef03c757b1da43517",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="56cb5d521e4a1db36b57e9a0f231fffcf411be84",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="d3b7276f970446412d81c8d475301d4e60505881",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="c7a325b8934046aff8fdbf034ecc661be3a8a750",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="032c9ff98d7d5aa0843943498330605143e1d7d9",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="cb0293f87e7c836c311818e8051f0b77696261d5",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="d07b68a67d2a5c48b548b1745a7202e35a8ab50b",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="5675a4c5051893febfeb45b22d8c08d84cdf1745",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="d87603d10f02b8afee9d33062ff60e2bd7a621ac",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="53c993af20f01c9b3c233902209205b5fd3a178f",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="a8fa42e139be473239b6f625df5470da268ea231",
                    ignore_func_name="_pgtrigger_should_ignore",
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
                    hash="05784817b29b85ac99fe3c2b29b55b78619477bc",
                    ignore_func_name="_pgtrigger_should_ignore",
                    operation="DELETE",
                    pgid="pgtrigger_gone_for_good_ded70",
                    table="pgprocess_jobtask",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
    ]
