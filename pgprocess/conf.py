"""``settings.PGPROCESS``, read once into a value with names and defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from os import PathLike
from typing import Any, NamedTuple

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
    files tasks of kind file may run. Without ``ALLOW_DB_CODE`` no code that stands in the database is run, and only
    the commands of ``ALLOWED_COMMANDS`` and the functions in ``ALLOWED_MODULES``; None: those that the project wrote.
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
    ALLOWED_COMMANDS: Sequence[str] | None = None
    ALLOWED_MODULES: Sequence[str] | None = None
    RETENTION: Any = None
    ALERTS: dict[str, Any] = field(default_factory=dict)
    SECRET_PARAMS: tuple[str, ...] = ("secret", "password", "passwd", "token", "api_key", "apikey", "credential")


class Rule(NamedTuple):
    """The rule for a value of a setting: in words, and as a test."""

    words: str
    fits: Callable[[Any], bool]


def a_number(least: float, most: float) -> Rule:
    """Return the rule of a number in a range; NaN is in none, and True is no number."""
    return Rule(
        f"a number from {least:g} to {most:,.15g}".replace(",", "_"),
        lambda value: isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most,
    )


def a_whole_number(least: int, most: int) -> Rule:
    """Return the rule of a whole number in a range."""
    return Rule(
        f"a whole number from {least} to {most:_}",
        lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most,
    )


def a_list_of(words: str, *kinds: type) -> Rule:
    """Return the rule of a list of values of these types, none of which is empty."""
    return Rule(
        f"a list of {words}",
        lambda value: (
            isinstance(value, list | tuple | set | frozenset)
            and all(isinstance(each, kinds) and str(each) for each in value)
        ),
    )


def or_none(rule: Rule) -> Rule:
    """Return the rule of a value that may be None as well."""
    return Rule(rule.words, lambda value: value is None or rule.fits(value))


A_FLAG = Rule("True or False", lambda value: isinstance(value, bool))
AN_ALIAS = Rule("the name of an alias in DATABASES", lambda value: isinstance(value, str) and bool(value))
A_DAY = 86_400.0
RULES: dict[str, Rule] = {
    "DATABASE": AN_ALIAS,
    "LISTEN_DATABASE": Rule("the name of an alias in DATABASES, or empty", lambda value: isinstance(value, str)),
    "RESULT_LIMIT": a_whole_number(1, 200_000_000),
    "LOG_LIMIT": a_whole_number(1, 1_000_000_000),
    "POLL_INTERVAL": a_number(0.01, A_DAY),
    "KILL_GRACE": a_number(0, A_DAY),
    "MAX_CRASHES": a_whole_number(0, 1_000_000),
    "SCRIPT_DIRS": a_list_of("folders, not one string", str, PathLike),
    "ALLOW_DB_CODE": A_FLAG,
    "ALLOWED_COMMANDS": or_none(a_list_of("names of commands, or None", str)),
    "ALLOWED_MODULES": or_none(a_list_of("names of modules, or None", str)),
    "SECRET_PARAMS": a_list_of("words", str),
}
"""The rules of the keys whose values no other module reads."""


def wrong_values(name: str, given: dict[str, Any], rules: Mapping[str, Rule]) -> list[str]:
    """Return a sentence for each value of the setting ``name`` that its rule does not let through."""
    return [
        f"{name}[{key!r}] is {rules[key].words}; it is {shortened(repr(value))}."
        for key, value in given.items()
        if key in rules and not rules[key].fits(value)
    ]


def shortened(text: str) -> str:
    """Return the first 80 characters of a text."""
    return text if len(text) <= 80 else text[:79] + "…"


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
    """Return the project's settings. Raises :class:`ConfigurationError` for an unknown key or a wrong value."""
    from django.conf import settings

    given = getattr(settings, "PGPROCESS", {})
    if not isinstance(given, dict):
        raise ConfigurationError(f"PGPROCESS is a dict, not {type(given).__name__}.")
    if wrong := unknown_keys(given) + wrong_values("PGPROCESS", given, RULES):
        raise ConfigurationError(" ".join(wrong))
    return Settings(**given)


def _forget(*, setting: str, **kwargs: Any) -> None:
    if setting == "PGPROCESS":
        get_settings.cache_clear()


setting_changed.connect(_forget, dispatch_uid="pgprocess.conf")
