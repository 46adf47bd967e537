"""JSON that Postgres holds and Python can't read: a row is read all the same, and is written back as it was."""

from __future__ import annotations

from typing import Any

from django.db import models
from psycopg.types.json import Jsonb


class Unreadable(str):
    """A sentence in the place of a value that can't be read. ``text`` is the JSON itself."""

    __slots__ = ("text",)
    text: str

    @classmethod
    def because(cls, error: Exception, text: str) -> Unreadable:
        """Return the stand-in for a JSON text that can't be read for this reason."""
        value = cls(f"{len(text)} characters that can't be read: {error}")
        value.text = text
        return value


class JSONField(models.JSONField):
    """A column of any JSON. A number of 5,000 digits, say, or 2,000 nested lists give an :class:`Unreadable`."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Return the value, or an :class:`Unreadable`."""
        try:
            return super().from_db_value(value, expression, connection)
        except (ValueError, RecursionError) as error:
            return Unreadable.because(error, value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Return what the driver sends: for an :class:`Unreadable` the text that was read."""
        if isinstance(value, Unreadable):
            return Jsonb(value, dumps=lambda unreadable: unreadable.text)
        return super().get_db_prep_value(value, connection, prepared)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        """Stand in migrations as Django's own field."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.JSONField", args, options
