"""The rates, and the three tables computed from them."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Four tables, each keyed by what its rows are about."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Rate",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "currency", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("day", models.DateField()),
                ("rate", models.DecimalField(decimal_places=6, max_digits=16)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(rate__gt=0), name="rates_rate_is_positive")],
            },
        ),
        migrations.CreateModel(
            name="Volatility",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "currency", "year", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("year", models.PositiveSmallIntegerField()),
                ("value", models.FloatField()),
                ("days", models.PositiveSmallIntegerField()),
            ],
            options={"verbose_name_plural": "volatilities"},
        ),
        migrations.CreateModel(
            name="MonthlyAverage",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "currency", "month", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("month", models.DateField()),
                ("average", models.DecimalField(decimal_places=6, max_digits=16)),
                ("lowest", models.DecimalField(decimal_places=6, max_digits=16)),
                ("highest", models.DecimalField(decimal_places=6, max_digits=16)),
                ("days", models.PositiveSmallIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Anomaly",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "currency", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("day", models.DateField()),
                ("rate", models.DecimalField(decimal_places=6, max_digits=16)),
                ("change", models.FloatField()),
                ("sigmas", models.FloatField()),
            ],
            options={"verbose_name_plural": "anomalies"},
        ),
    ]
