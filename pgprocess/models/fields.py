"""Declare columns: every column that a raw INSERT may leave out has its default in the database.

The same default stands in Python, so that an unsaved row is whole as well. Each function names the class of its
field, so that a type checker knows what a row's attribute holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from django.core.checks import CheckMessage
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    import re

    from django_stubs_ext import StrOrPromise


def text(
    verbose_name: StrOrPromise, max_length: int, default: str = "", **options: Any
) -> models.CharField[str | Combinable, str]:
    """Declare a short text; empty means not given. It may be left blank in forms where the default is empty."""
    options.setdefault("blank", default == "")
    return models.CharField(verbose_name, max_length=max_length, default=default, db_default=default, **options)


def long_text(verbose_name: StrOrPromise, **options: Any) -> models.TextField[str | Combinable, str]:
    """Declare a text without a limit; empty means not given."""
    return models.TextField(verbose_name, blank=True, default="", db_default="", **options)


def choice(
    verbose_name: StrOrPromise, choices: type[models.TextChoices], default: str
) -> models.CharField[str | Combinable, str]:
    """Declare a column that holds one word of ``choices``."""
    return models.CharField(verbose_name, max_length=40, choices=choices.choices, default=default, db_default=default)


def number(verbose_name: StrOrPromise, default: int = 0, **options: Any) -> models.IntegerField[int | Combinable, int]:
    """Declare a count."""
    return models.IntegerField(verbose_name, default=default, db_default=default, **options)


def flag(verbose_name: StrOrPromise, default: bool, **options: Any) -> models.BooleanField[bool | Combinable, bool]:
    """Declare a yes or no."""
    return models.BooleanField(verbose_name, default=default, db_default=default, **options)


def seconds(
    verbose_name: StrOrPromise, default: float = 0.0, **options: Any
) -> models.FloatField[float | Combinable, float]:
    """Declare a duration in seconds; fractions are allowed."""
    return models.FloatField(verbose_name, default=default, db_default=default, **options)


def optional_seconds(
    verbose_name: StrOrPromise, **options: Any
) -> models.FloatField[float | Combinable | None, float | None]:
    """Declare a duration in seconds that may be left out."""
    return models.FloatField(verbose_name, null=True, blank=True, **options)


class ForeignKey(models.ForeignKey[Any, Any]):
    """A reference to a row, looked for where rows are written: a replica may not have it yet."""

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Refuse the key of a row that does not exist."""
        rows = self.remote_field.model._base_manager.complex_filter(self.get_limit_choices_to())
        if self.remote_field.parent_link or value is None:
            super().validate(value, model_instance)
        elif not rows.filter(**{str(self.remote_field.field_name): value}).exists():
            raise ValidationError(
                self.error_messages["invalid"],
                code="invalid",
                params={
                    "model": self.remote_field.model._meta.verbose_name,
                    "pk": value,
                    "field": self.remote_field.field_name,
                    "value": value,
                },
            )

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        """Stand in migrations as Django's own field."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, options


class GeneratedField(models.GeneratedField):
    """A column that the database works out; its checks ask no database, so that they pass where there is none.

    Every Postgres that pgprocess supports stores generated columns.
    """

    def check(self, **how: Any) -> list[CheckMessage]:
        """Check the declaration: from Django 6.1 on, Django's own check would connect to ask for the version."""
        return super().check(**how | {"databases": []})

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        """Stand in migrations as Django's own field."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.GeneratedField", args, options


def moment(
    verbose_name: StrOrPromise, **options: Any
) -> models.DateTimeField[datetime | Combinable | None, datetime | None]:
    """Declare a point in time that may not have come yet."""
    return models.DateTimeField(verbose_name, null=True, blank=True, **options)


def created(verbose_name: StrOrPromise) -> models.DateTimeField[datetime | Combinable, datetime]:
    """Declare when the row was made, by the database's clock."""
    return models.DateTimeField(verbose_name, db_default=Now(), editable=False)


EARLIEST, LATEST = datetime(2, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
"""Between these lies every moment that Python and the forms can hold, whatever the time zone."""


def within_calendar(model: str, *fields: str) -> models.CheckConstraint:
    """Let the database refuse moments that Python can't hold: one infinite moment stopped every cron that read it."""
    condition = models.Q(**{f"{field}__gte": EARLIEST for field in fields})
    condition &= models.Q(**{f"{field}__lt": LATEST for field in fields})
    return models.CheckConstraint(
        name=f"pgprocess_{model}_calendar",
        condition=condition,
        violation_error_message=_("A date lies between the years 2 and 9998."),
    )


LONGEST = 10 * 366 * 86_400.0
"""Seconds; no span of time that people give is longer, so that now plus the span is a date for everybody."""
MANY = 1_000_000
"""No number that people give is larger, or smaller below zero."""
COUNTABLE = 1_000_000_000
"""No count of the rules is larger, so that one more is still an integer."""

FARTHEST = 86_400
"""Seconds; no clock on earth is farther from UTC."""


def within_range(model: str, field: str, least: float, most: float) -> models.CheckConstraint:
    """Let the database refuse a number outside of a range, infinity and NaN included: intervals can't hold them."""
    return models.CheckConstraint(
        name=f"pgprocess_{model}_{field}_range",
        condition=models.Q(**{f"{field}__gte": least, f"{field}__lte": most}),
        violation_error_message=format_lazy(_("A number here is between {least} and {most}."), least=least, most=most),
    )


def within_ranges(model: str, ranges: Mapping[str, tuple[int, int]]) -> models.CheckConstraint:
    """Let the database refuse numbers outside of their ranges: one constraint for a table that is written often."""
    condition = models.Q()
    for field, (least, most) in ranges.items():
        condition &= models.Q(**{f"{field}__gte": least, f"{field}__lte": most})
    return models.CheckConstraint(
        name=f"pgprocess_{model}_ranges",
        condition=condition,
        violation_error_message=_("A number is too small or too large."),
    )


CONTROL = r"\u0001-\u001f\u007f-\u009f\u2028\u2029"
"""The characters that end a line or steer a terminal, as Python and Postgres read them within brackets."""
SPACE = r" \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""The other characters that Python strips from the ends of a text."""
QUEUE = rf"\A[^,{CONTROL}{SPACE}]([^,{CONTROL}]*[^,{CONTROL}{SPACE}])?\Z"

a_name = RegexValidator(rf"\A[^{CONTROL}]*\Z", _("A name is one line without control characters."))
a_queue = RegexValidator(
    QUEUE, _("A queue's name is one line without commas, and without blanks at its ends; it is not empty.")
)


def matches(model: str, field: str, validator: RegexValidator) -> models.CheckConstraint:
    """Let the database refuse what a validator of Python refuses, with the same sentence.

    A line break in a name forges lines of the log and of mail; a comma parts the names of queues.
    """
    pattern = cast("re.Pattern[str]", validator.regex).pattern
    return models.CheckConstraint(
        name=f"pgprocess_{model}_{field}_is_well_formed",
        condition=models.Q(**{f"{field}__regex": pattern}),
        violation_error_message=validator.message,
    )


def one_of(field: str, words: Iterable[str], model: str) -> models.CheckConstraint:
    """Let the database refuse a word that ``words`` does not list, whoever writes."""
    return models.CheckConstraint(
        name=f"pgprocess_{model}_{field}_known",
        condition=models.Q(**{f"{field}__in": [str(word) for word in words]}),
    )
