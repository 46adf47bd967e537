"""What is over can be found by its age, whatever the size of the history."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pgprocess", "0003_liveness")]

    operations = [
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("status", "running"), _negated=True),
                fields=["status", "finished_at", "id"],
                name="pgprocess_job_over",
            ),
        ),
        migrations.AddIndex(
            model_name="jobtask",
            index=models.Index(
                condition=models.Q(("job__isnull", True)),
                fields=["status", "finished_at", "id"],
                name="pgprocess_jobtask_alone",
            ),
        ),
    ]
