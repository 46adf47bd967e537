"""Rows from a dump are stored as they are: the rules that make and change rows have done so before the dump.

Django says of ``loaddata`` and of ``serialized_rollback`` that they save raw rows. For such a row, and for no other of
the transaction, the triggers are left out, by pgtrigger's own setting; constraints count as always.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import Model
from django.db.models.signals import post_save, pre_save


def watch() -> None:
    """Watch the saving of all our models."""
    for model in apps.get_app_config("pgprocess").get_models():
        pre_save.connect(_before, sender=model, dispatch_uid=f"pgprocess.raw.{model.__name__}")
        post_save.connect(_after, sender=model, dispatch_uid=f"pgprocess.raw.{model.__name__}")


@cache
def _triggers() -> str:
    """Return the names of all our triggers, as an array of Postgres."""
    models = apps.get_app_config("pgprocess").get_models()
    names = [trigger.get_pgid(model) for model in models for trigger in getattr(model._meta, "triggers", ())]
    return "{" + ",".join(names) + "}"


def _before(using: str, raw: bool = False, **kwargs: Any) -> None:
    if raw:
        _ignore(using, _triggers())


def _after(instance: Model, using: str, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        return
    _ignore(using, "")
    if place := getattr(instance, "ready_seq", None):
        with connections[using].cursor() as cursor:  # what becomes ready from now on comes after what was loaded
            cursor.execute(
                "SELECT setval('pgprocess_ready_seq', greatest(%s, (SELECT last_value FROM pgprocess_ready_seq)))",
                [place],
            )


def _ignore(using: str, names: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [names])
