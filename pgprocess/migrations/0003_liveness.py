"""Workers say what they leave out, and hold a session whose end tells of their death."""

from django.db import migrations, models

from pgprocess.operations import InstallSQL


class Migration(migrations.Migration):
    dependencies = [("pgprocess", "0002_rules")]

    operations = [
        migrations.AddField(
            "worker",
            "excluded_queues",
            models.TextField("except", blank=True, db_default="", default="", help_text="Comma-separated."),
        ),
        migrations.AddField(
            "worker",
            "session",
            models.BooleanField(
                "holds a session",
                db_default=False,
                default=False,
                help_text="Its death is noticed at once, since its session ends with it.",
            ),
        ),
        InstallSQL("0003_served", previous="0002_served"),
    ]
