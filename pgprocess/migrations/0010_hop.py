"""Plans that read what they need however little there was when they were made; one key for a job task's task and version."""

import django.db.models.deletion
from django.db import migrations, models

from pgprocess.operations import InstallSQL

KEY = """
ALTER TABLE pgprocess_jobtask
  ADD CONSTRAINT pgprocess_jobtask_version_of_task FOREIGN KEY (task_id, version_id)
      REFERENCES pgprocess_taskversion (task_id, id) DEFERRABLE INITIALLY DEFERRED
"""

NO_KEY = "ALTER TABLE pgprocess_jobtask DROP CONSTRAINT pgprocess_jobtask_version_of_task"


class Migration(migrations.Migration):
    dependencies = [("pgprocess", "0009_pace")]

    operations = [
        InstallSQL("0010_results", previous="0009_results"),
        InstallSQL("0010_edges", previous="0009_edges"),
        InstallSQL("0010_finish", previous="0009_finish"),
        InstallSQL("0010_advance", previous="0009_advance"),
        migrations.AddConstraint(
            model_name="taskversion",
            constraint=models.UniqueConstraint(fields=("task", "id"), name="pgprocess_taskversion_of_task"),
        ),
        migrations.AlterField(
            model_name="jobtask",
            name="task",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="runs",
                to="pgprocess.task",
                verbose_name="task",
            ),
        ),
        migrations.AlterField(
            model_name="jobtask",
            name="version",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="pgprocess.taskversion",
                verbose_name="version",
            ),
        ),
        migrations.RunSQL(KEY, NO_KEY),
    ]
