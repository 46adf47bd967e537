"""How our columns are declared: every one that a raw INSERT may leave out has its default in the database.

It has the same default in Python, so that an unsaved row is whole as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.functions import Now


def text(verbose_name: Any, max_length: int, default: str = "", **options: Any) -> Any:
    """A short text column; empty means not said."""
    options.setdefault("blank", default == "")
    return models.CharField(verbose_name, max_length=max_length, default=default, db_default=default, **options)


def long_text(verbose_name: Any, **options: Any) -> Any:
    """A text column without a limit; empty means not said."""
    return models.TextField(verbose_name, blank=True, default="", db_default="", **options)


def choice(verbose_name: Any, choices: type[models.TextChoices], default: str) -> Any:
    """A column that holds one word of ``choices``."""
    return models.CharField(verbose_name, max_length=40, choices=choices.choices, default=default, db_default=default)


def number(verbose_name: Any, default: int = 0, **options: Any) -> Any:
    """A count."""
    return models.IntegerField(verbose_name, default=default, db_default=default, **options)


def flag(verbose_name: Any, default: bool, **options: Any) -> Any:
    """A yes or no."""
    return models.BooleanField(verbose_name, default=default, db_default=default, **options)


def seconds(verbose_name: Any, **options: Any) -> Any:
    """A duration in seconds; fractions are allowed."""
    return models.FloatField(verbose_name, **options)


def moment(verbose_name: Any, **options: Any) -> Any:
    """A point in time that may not have come yet."""
    return models.DateTimeField(verbose_name, null=True, blank=True, **options)


def created(verbose_name: Any) -> Any:
    """When the row was made, by the database's clock."""
    return models.DateTimeField(verbose_name, db_default=Now(), editable=False)


def one_of(field: str, words: Iterable[str], model: str) -> models.CheckConstraint:
    """The database refuses a word that ``choices`` does not list, whoever writes."""
    return models.CheckConstraint(
        name=f"pgprocess_{model}_{field}_known",
        condition=models.Q(**{f"{field}__in": [str(word) for word in words]}),
    )
