"""Checks that the database is what this version of pgprocess needs: migrations, triggers, functions, views.

pgtrigger knows a trigger by the hash that it left there. Functions are compared by their text. Postgres keeps no
text of a view, so the plan of asking the view is compared with the plan of asking what it should be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pgtrigger
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from pgprocess.doctor.finding import Finding, Patient, Severity
from pgprocess.sql import FOLDER, rules

FUNCTION = re.compile(r"^CREATE OR REPLACE FUNCTION (\w+)(.*?) AS \$\$(.*?)\$\$;", re.DOTALL | re.MULTILINE)
VIEW = re.compile(r"^CREATE OR REPLACE VIEW (\w+) AS\n(.*);$", re.DOTALL | re.MULTILINE)
SETTING = re.compile(r"\bSET (\w+) = (\w+)")
STATES = {
    "UNINSTALLED": "is missing: run manage.py pgtrigger install",
    "OUTDATED": "is that of another version: run manage.py pgtrigger install",
}


def migrations(patient: Patient) -> Iterator[Finding]:
    """Every migration of pgprocess is applied, and no unknown one."""
    loader = MigrationLoader(connections[patient.alias], ignore_no_migrations=True)
    applied = {name for app, name in loader.applied_migrations if app == "pgprocess"}
    known = {name for app, name in loader.graph.nodes if app == "pgprocess"}
    if missing := sorted(known - applied):
        sentence = f"Migrations of pgprocess are not applied ({', '.join(missing)}): run manage.py migrate pgprocess."
        yield Finding("migrations", Severity.ERROR, sentence)
    replaced = {name for app, name in loader.replacements if app == "pgprocess"}
    if unknown := sorted(applied - known - replaced - {name for app, name in loader.disk_migrations}):
        sentence = f"The database knows migrations that this pgprocess does not ({', '.join(unknown)}): update it here."
        yield Finding("migrations", Severity.WARNING, sentence)


def triggers(patient: Patient) -> Iterator[Finding]:
    """Every trigger of pgprocess is there, as declared, and enabled; and no other."""
    for model, trigger in pgtrigger.registered():
        if model._meta.app_label != "pgprocess":
            continue
        uri = trigger.get_uri(model)
        status, enabled = trigger.get_installation_status(model, database=patient.alias)
        if status in STATES:
            yield Finding("triggers", Severity.ERROR, f"The trigger {uri} {STATES[status]} {uri}.")
        elif enabled is False:
            sentence = f"The trigger {uri} is disabled: run manage.py pgtrigger enable {uri}."
            yield Finding("triggers", Severity.ERROR, sentence)
    for table, name, enabled, _ in pgtrigger.prunable(database=patient.alias):
        if enabled and table.startswith("pgprocess_"):
            sentence = f"The trigger {name} of {table} is not one of this pgprocess: run manage.py pgtrigger prune."
            yield Finding("triggers", Severity.WARNING, sentence)


def functions(patient: Patient) -> Iterator[Finding]:
    """Every rule's function is there, with the text, volatility and settings of its file."""
    installed: dict[str, list[tuple[str, str, list[str]]]] = {}
    for row in patient.ask("doctor/functions"):
        installed.setdefault(row["name"], []).append((row["body"], row["volatility"], sorted(row["settings"])))
    for rule, text in rules().items():
        for name, head, body in FUNCTION.findall(text):
            volatility = next((word for word in ("IMMUTABLE", "STABLE") if word in head), "VOLATILE")
            settings = sorted(f"{key}={value}" for key, value in SETTING.findall(head))
            if name not in installed:
                yield _differs("functions", Severity.ERROR, f"The function {name} is missing", f"functions/{rule}")
            elif (body, volatility, settings) not in installed[name]:
                what = f"The function {name} is not that of this version"
                yield _differs("functions", Severity.ERROR, what, f"functions/{rule}")


def views(patient: Patient) -> Iterator[Finding]:
    """Every view is there, and shows what its file says."""
    for rule, text in rules().items():
        for name, select in VIEW.findall(text):
            if not patient.rows("SELECT FROM pg_class WHERE oid = to_regclass(%s) AND relkind = 'v'", [name]):
                yield _differs("views", Severity.WARNING, f"The view {name} is missing", f"views/{rule}")
            elif all(_shown(patient, name) != _shown(patient, f"({select}) AS {name}") for _ in range(2)):
                # Twice, since statistics may change between two plans.
                what = f"The view {name} is not that of this version"
                yield _differs("views", Severity.WARNING, what, f"views/{rule}")


def _shown(patient: Patient, source: str) -> list[dict[str, object]]:
    """Return the columns of a view or subquery, and the plan that answers it."""
    with connections[patient.alias].cursor() as cursor:
        cursor.execute(f"SELECT * FROM {source} LIMIT 0")  # noqa: S608 (our own files)
        columns = [{"column": column.name, "type": column.type_code} for column in cursor.description]
    return columns + patient.rows(f"EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM {source}")  # noqa: S608


def _differs(check: str, severity: Severity, what: str, file: str) -> Finding:
    cure = "run manage.py migrate pgprocess, and if all is applied psql -f"
    return Finding(check, severity, f"{what}: {cure} {FOLDER / file}.sql.")
