# The message of a wrong offset: its percent signs are doubled, since Django fills the value in. Nothing to do in SQL.

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pgprocess", "0007_pages")]

    operations = [
        migrations.AlterField(
            model_name="task",
            name="offset",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="0% is the middle; empty: automatic.",
                max_length=6,
                validators=[
                    django.core.validators.RegexValidator(
                        "\\A-?\\d{1,3}%?\\Z", "Give a percentage from the middle, like 25%% or -25%%."
                    )
                ],
                verbose_name="offset",
            ),
        ),
    ]
