"""What the process keeps: the rates as published, and three tables computed from them.

A rate is what one euro buys. Every table is keyed by what its row is about, so a rerun can only
write the same rows again.
"""

from __future__ import annotations

from django.db import models


class Rate(models.Model):
    """What one euro bought of a currency on a day, as published."""

    pk = models.CompositePrimaryKey("currency", "day")
    currency = models.CharField(max_length=3)
    day = models.DateField()
    rate = models.DecimalField(max_digits=16, decimal_places=6)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(rate__gt=0), name="rates_rate_is_positive")]

    def __str__(self) -> str:
        return f"{self.day}: 1 EUR = {self.rate.normalize():f} {self.currency}"


class Volatility(models.Model):
    """How much a currency swung against the euro in a year: annualised, 0.1 is 10 %."""

    pk = models.CompositePrimaryKey("currency", "year")
    currency = models.CharField(max_length=3)
    year = models.PositiveSmallIntegerField()
    value = models.FloatField()
    days = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "volatilities"

    def __str__(self) -> str:
        return f"{self.currency} {self.year}: {self.value:.1%}"


class MonthlyAverage(models.Model):
    """The mean, lowest and highest rate of a month; ``month`` is its first day."""

    pk = models.CompositePrimaryKey("currency", "month")
    currency = models.CharField(max_length=3)
    month = models.DateField()
    average = models.DecimalField(max_digits=16, decimal_places=6)
    lowest = models.DecimalField(max_digits=16, decimal_places=6)
    highest = models.DecimalField(max_digits=16, decimal_places=6)
    days = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.currency} {self.month:%Y-%m}: {self.average}"


class Anomaly(models.Model):
    """A day on which a rate moved far more than is usual for that currency in that year.

    ``change`` is relative to the day before (0.1 is 10 % more currency for a euro); ``sigmas`` is its
    distance from the year's median in robust standard deviations.
    """

    pk = models.CompositePrimaryKey("currency", "day")
    currency = models.CharField(max_length=3)
    day = models.DateField()
    rate = models.DecimalField(max_digits=16, decimal_places=6)
    change = models.FloatField()
    sigmas = models.FloatField()

    class Meta:
        verbose_name_plural = "anomalies"

    def __str__(self) -> str:
        return f"{self.currency} {self.day}: {self.change:+.1%}"
