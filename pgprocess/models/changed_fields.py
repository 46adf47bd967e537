"""Save only what the program has changed, so that an old copy of a row in memory undoes nothing in the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.expressions import BaseExpression


class SavesChanges(models.Model):
    """A model of which ``save()`` writes the columns that differ from what was read or written last.

    A cron, a worker or a person may have written the row since: a column that was not touched here keeps what they
    wrote. A new row, a row for another database and ``save(update_fields=…)`` are saved as Django does it.
    """

    class Meta:
        abstract = True

    _known: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known = self._values()

    def save(self, *args: Any, **options: Any) -> None:
        """Write the row if it is new, else the columns that were changed since it was read or saved."""
        if not args and options.get("update_fields") is None and self._is_an_update(**options):
            options["update_fields"] = self._changed()
        super().save(*args, **options)
        self._remember(options.get("update_fields"))

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        """Read the row again; what was changed here is forgotten."""
        names = None if fields is None else [*fields]
        how = {} if from_queryset is None else {"from_queryset": from_queryset}  # Django has it since 5.1
        super().refresh_from_db(using=using, fields=names, **how)
        self._remember(names)

    def _is_an_update(self, *, force_insert: Any = False, using: str | None = None, **_options: Any) -> bool:
        elsewhere = using is not None and using != self._state.db
        is_same_row = self.pk is not None and self._known.get(self._meta.pk.attname) in (None, self.pk)
        return is_same_row and not (self._state.adding or force_insert or elsewhere)

    def _changed(self) -> list[str]:
        """Return the names of the fields that were changed; what the database was to fill in is none of these."""
        known, values = self._known, self._values()
        fields = [field for field in self._meta.concrete_fields if not field.primary_key and field.attname in values]
        filled_in = [name for name, value in known.items() if isinstance(value, BaseExpression)]
        return [
            field.name
            for field in fields
            if field.attname not in filled_in
            and (field.attname not in known or _differ(known[field.attname], values[field.attname]))
        ]

    def _values(self) -> dict[str, Any]:
        columns = (field.attname for field in self._meta.concrete_fields if not field.generated)
        return {name: self.__dict__[name] for name in columns if name in self.__dict__}

    def _remember(self, names: Iterable[str] | None) -> None:
        if names is None:
            self._known = self._values()
            return
        columns = {self._meta.get_field(name).attname for name in names}  # type: ignore[union-attr]
        self._known |= {name: value for name, value in self._values().items() if name in columns}


def _differ(one: Any, other: Any) -> bool:
    """Return whether two values differ; to Python the two moments of an hour that comes twice are equal."""
    return one != other or getattr(one, "fold", 0) != getattr(other, "fold", 0)
