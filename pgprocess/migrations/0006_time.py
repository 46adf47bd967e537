"""Time: what waits for its turn, backfills, pauses, alerts; and the rules for them."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from pgprocess.operations import InstallSQL


class Migration(migrations.Migration):
    dependencies = [
        ("pgprocess", "0005_direct"),
    ]

    operations = [
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("failed", "failed"),
                            ("recovered", "recovered"),
                            ("late", "late"),
                            ("missed", "missed"),
                            ("long", "longer than usual"),
                            ("ping", "ping"),
                        ],
                        db_default="failed",
                        default="failed",
                        max_length=40,
                        verbose_name="what",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="created"
                    ),
                ),
                (
                    "dispatched_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="addressed"),
                ),
            ],
            options={
                "verbose_name": "alert",
                "verbose_name_plural": "alerts",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Backfill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField(verbose_name="from")),
                ("ends_at", models.DateTimeField(verbose_name="to")),
                (
                    "concurrency",
                    models.IntegerField(
                        db_default=1,
                        default=1,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="jobs at once",
                    ),
                ),
                (
                    "reprocess",
                    models.CharField(
                        choices=[("none", "none"), ("failed", "failed"), ("all", "all")],
                        db_default="none",
                        default="none",
                        max_length=40,
                        verbose_name="run again",
                    ),
                ),
                ("actor", models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="by")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="created"
                    ),
                ),
            ],
            options={
                "verbose_name": "backfill",
                "verbose_name_plural": "backfills",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "receiver",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="As email:ops@example.com, webhook:https://… or signal.",
                        max_length=600,
                        verbose_name="receiver",
                    ),
                ),
                ("attempts", models.IntegerField(db_default=0, default=0, verbose_name="attempts")),
                ("next_at", models.DateTimeField(blank=True, null=True, verbose_name="next attempt")),
                ("delivered_at", models.DateTimeField(blank=True, null=True, verbose_name="delivered")),
                ("error", models.TextField(blank=True, db_default="", default="", verbose_name="error")),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "ordering": ("-id",),
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="job",
            name="unfold",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="process",
            name="reschedule",
        ),
        migrations.RemoveConstraint(
            model_name="process",
            name="pgprocess_process_overlap_known",
        ),
        migrations.AddField(
            model_name="job",
            name="buffered",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Its tasks wait until the jobs before it in its line have ended.",
                verbose_name="waits for its turn",
            ),
        ),
        migrations.AddField(
            model_name="process",
            name="catch_up_limit",
            field=models.IntegerField(
                db_default=100,
                default=100,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(10000),
                ],
                verbose_name="runs to catch up at most",
            ),
        ),
        migrations.AddField(
            model_name="process",
            name="end_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="last run not after"),
        ),
        migrations.AddField(
            model_name="process",
            name="failures",
            field=models.IntegerField(db_default=0, default=0, editable=False, verbose_name="failures in a row"),
        ),
        migrations.AddField(
            model_name="process",
            name="jitter",
            field=models.FloatField(
                db_default=0.0,
                default=0.0,
                help_text="Each process begins its runs so much later at most, always by the same time.",
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="spread over, seconds",
            ),
        ),
        migrations.AddField(
            model_name="process",
            name="late_after",
            field=models.FloatField(
                blank=True,
                help_text="A run that has not begun by then is told of; empty: as the settings say.",
                null=True,
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="late after, seconds",
            ),
        ),
        migrations.AddField(
            model_name="process",
            name="looked_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="looked at by a cron"),
        ),
        migrations.AddField(
            model_name="process",
            name="misfire_grace",
            field=models.FloatField(
                blank=True,
                help_text="Empty: a minute without catching up, else as late as it may be.",
                null=True,
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="how late a run may begin, seconds",
            ),
        ),
        migrations.AddField(
            model_name="process",
            name="pause_after_failures",
            field=models.IntegerField(
                db_default=0,
                default=0,
                help_text="0: never.",
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="pause after failures in a row",
            ),
        ),
        migrations.AddField(
            model_name="process",
            name="paused_by",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=200, verbose_name="paused by"
            ),
        ),
        migrations.AddField(
            model_name="process",
            name="ping_url",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="A monitor's address, called after each success: it tells when the calls stop.",
                max_length=500,
                validators=[django.core.validators.URLValidator(["http", "https"])],
                verbose_name="ping",
            ),
        ),
        migrations.AddField(
            model_name="process",
            name="run_if_failed",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Off: a job that fails pauses the process.",
                verbose_name="run after a failure",
            ),
        ),
        migrations.AddField(
            model_name="process",
            name="start_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="first run not before"),
        ),
        migrations.AlterField(
            model_name="job",
            name="origin",
            field=models.CharField(
                choices=[("demand", "on demand"), ("schedule", "schedule"), ("backfill", "backfill")],
                db_default="demand",
                default="demand",
                max_length=40,
                verbose_name="started by",
            ),
        ),
        migrations.AlterField(
            model_name="process",
            name="overlap",
            field=models.CharField(
                choices=[
                    ("skip", "skip"),
                    ("allow", "allow"),
                    ("buffer_one", "let one wait"),
                    ("buffer_all", "let all wait"),
                    ("cancel_running", "cancel what runs"),
                ],
                db_default="skip",
                default="skip",
                max_length=40,
                verbose_name="if the last job still runs",
            ),
        ),
        migrations.AddConstraint(
            model_name="process",
            constraint=models.CheckConstraint(
                condition=models.Q(("overlap__in", ["skip", "allow", "buffer_one", "buffer_all", "cancel_running"])),
                name="pgprocess_process_overlap_known",
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="job",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="alerts",
                to="pgprocess.job",
                verbose_name="job",
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="process",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="alerts",
                to="pgprocess.process",
                verbose_name="process",
            ),
        ),
        migrations.AddField(
            model_name="backfill",
            name="process",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="backfills",
                to="pgprocess.process",
                verbose_name="process",
            ),
        ),
        migrations.AddField(
            model_name="job",
            name="backfill",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="jobs",
                to="pgprocess.backfill",
                verbose_name="backfill",
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("buffered", True)),
                fields=["process", "backfill", "logical_date"],
                name="pgprocess_job_in_line",
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("backfill__isnull", False)), fields=["backfill"], name="pgprocess_job_of_backfill"
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="alert",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to="pgprocess.alert",
                verbose_name="alert",
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("dispatched_at__isnull", True)), fields=["id"], name="pgprocess_alert_new"
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["failed", "recovered", "late", "missed", "long", "ping"])),
                name="pgprocess_alert_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ["late", "long"])), fields=("job", "kind"), name="pgprocess_alert_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="backfill",
            constraint=models.CheckConstraint(
                condition=models.Q(("reprocess__in", ["none", "failed", "all"])),
                name="pgprocess_backfill_reprocess_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="backfill",
            constraint=models.CheckConstraint(
                condition=models.Q(("concurrency__gte", 0)), name="pgprocess_backfill_concurrency"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="pgprocess_delivery_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(fields=("alert", "receiver"), name="pgprocess_delivery_once"),
        ),
        InstallSQL("0006_now"),
        InstallSQL("0006_never"),
        InstallSQL("0006_turn"),
        InstallSQL("0006_release"),
        InstallSQL("0006_start"),
        InstallSQL("0006_ended"),
        InstallSQL("0006_begin", previous="0002_begin"),
        InstallSQL("0006_conclude", previous="0002_conclude"),
        InstallSQL("0006_parents_open", previous="0002_parents_open"),
        InstallSQL("0006_reschedule", previous="0002_reschedule"),
        InstallSQL("0006_unfold", previous="0002_unfold"),
        InstallSQL("0006_job_overview", previous="0002_job_overview"),
        InstallSQL("0006_jobtask_overview", previous="0002_jobtask_overview"),
        InstallSQL("0006_queue_overview", previous="0002_queue_overview"),
        InstallSQL("0006_schedule_overview", previous="0002_schedule_overview"),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="unfold",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM pgprocess_unfold(ARRAY(SELECT id FROM new_rows WHERE status = 'running' ORDER BY id)); PERFORM pgprocess_release(process_id, backfill_id) FROM (SELECT DISTINCT process_id, backfill_id FROM new_rows WHERE buffered ORDER BY 1, 2) AS line; RETURN NULL;",
                    hash="5c330e9f6d57ac666bd93769f05641b3f17e62ce",
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
                name="ended",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.status = 'running' AND NEW.status <> 'running' AND NOT OLD.buffered)",
                    func="PERFORM pgprocess_ended(NEW); RETURN NULL;",
                    hash="9187a6453d6d07ac2d624aa993390489ea0992e6",
                    operation="UPDATE",
                    pgid="pgtrigger_ended_ac179",
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
                    func="PERFORM pgprocess_release(OLD.process_id, OLD.backfill_id); RETURN NULL;",
                    hash="f6394e12973958c556b14f22c86d92084a20bb66",
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
                    func="PERFORM pgprocess_start(NEW); RETURN NULL;",
                    hash="6e6014539f82f98736ecff80a6e24f57cc8f90cb",
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
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="notice",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM pg_notify('pgprocess_cron', '') FROM (SELECT FROM new_rows WHERE is_active AND (minute, hour, day_of_month, month, day_of_week) <> ('', '', '', '', '') LIMIT 1) AS scheduled; RETURN NULL;",
                    hash="bb17867db92ecd3cb82971ea1d650f1df05d72e6",
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
                    func="PERFORM pgprocess_release(NEW.id, NULL); RETURN NULL;",
                    hash="73674aee3588f57e5355c42f712794c575f6f6d5",
                    operation="UPDATE",
                    pgid="pgtrigger_resume_7c45f",
                    table="pgprocess_process",
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
                    func="PERFORM pgprocess_release(NEW.process_id, NEW.id); RETURN NULL;",
                    hash="602c0febd2d54a74f3eee8d764851955846fb96c",
                    operation="UPDATE",
                    pgid="pgtrigger_release_a35ac",
                    table="pgprocess_backfill",
                    when="AFTER",
                ),
            ),
        ),
    ]
