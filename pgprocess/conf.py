"""``settings.PGPROCESS``, read once into a value with names and defaults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from os import PathLike
from typing import Any

from django.core.signals import setting_changed

from pgprocess.exceptions import ConfigurationError
from pgprocess.text import nearest

LEASE = 30.0
"""Seconds after which a worker that was not seen is taken for dead, and its tasks are given back. Not a setting."""


@dataclass(frozen=True)
class Settings:
    """All keys of ``PGPROCESS``, with their defaults; times are seconds, sizes bytes.

    ``DATABASE`` is the alias whose database holds pgprocess's tables. ``LISTEN_DATABASE`` is another alias for the same
    database, to LISTEN on where the first leads to a pooler in transaction mode. ``SCRIPT_DIRS`` are the folders whose
    files tasks of kind file may run. Without ``ALLOW_DB_CODE`` no code that stands in the database is run.
    ``MAX_CRASHES``: how often a task that was lost with its worker is given back. ``RETENTION`` says for how long
    finished jobs are kept (:func:`pgprocess.maintenance.retention.retention`). ``ALERTS`` is read by
    :mod:`pgprocess.alerts.settings`. ``SECRET_PARAMS`` are words: a value in a job's params is not shown if its name
    contains one of them.
    """

    DATABASE: str = "default"
    LISTEN_DATABASE: str = ""
    RESULT_LIMIT: int = 1_000_000
    LOG_LIMIT: int = 2_000_000
    POLL_INTERVAL: float = 5.0
    KILL_GRACE: float = 5.0
    MAX_CRASHES: int = 3
    SCRIPT_DIRS: Sequence[str | PathLike[str]] = ()
    ALLOW_DB_CODE: bool = True
    RETENTION: Any = None
    ALERTS: dict[str, Any] = field(default_factory=dict)
    SECRET_PARAMS: tuple[str, ...] = ("secret", "password", "passwd", "token", "api_key", "apikey", "credential")


def unknown_keys(given: dict[str, Any]) -> list[str]:
    """Return a sentence for each key of PGPROCESS that does not exist, with the nearest one that does."""
    return misspelt("PGPROCESS", given, [field.name for field in fields(Settings)])


def misspelt(name: str, given: dict[str, Any], known: list[str]) -> list[str]:
    """Return a sentence for each key of the setting ``name`` that is not among ``known``."""
    sentences = []
    for key in given:
        if key not in known:
            near = nearest(str(key).upper(), known, cutoff=0.5)
            hint = f"did you mean {near!r}?" if near else f"the keys are {', '.join(known)}."
            sentences.append(f"{name} has no key {key!r}: {hint}")
    return sentences


@cache
def get_settings() -> Settings:
    """Return the project's settings. Raises :class:`ConfigurationError` for an unknown key."""
    from django.conf import settings

    given = getattr(settings, "PGPROCESS", {})
    if not isinstance(given, dict):
        raise ConfigurationError(f"PGPROCESS is a dict, not {type(given).__name__}.")
    if wrong := unknown_keys(given):
        raise ConfigurationError(" ".join(wrong))
    return Settings(**given)


def _forget(*, setting: str, **kwargs: Any) -> None:
    if setting == "PGPROCESS":
        get_settings.cache_clear()


setting_changed.connect(_forget, dispatch_uid="pgprocess.conf")
