"""``manage.py pgprocess_doctor``: what is wrong, and what to do about it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from pgprocess.conf import get_settings
from pgprocess.doctor import CHECKS, Severity, examine
from pgprocess.management.findings import as_json, sentences


class Command(BaseCommand):
    help = "Look at everything and say what is wrong. Exit 1: warnings; 2: errors. It only reads."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")
        parser.add_argument("--all", action="store_true", help="count jobs of long ago anew too; reads all tables")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the findings; exit 0 without any, 1 with warnings only, 2 with errors."""
        findings = list(examine(get_settings().DATABASE, everything=options["all"]))
        if options["json"]:
            self.stdout.write(as_json(findings))
        else:
            self.stdout.write(sentences(findings) or f"pgprocess is well: {len(CHECKS)} checks found nothing.")
        if findings:
            sys.exit(2 if any(finding.severity == Severity.ERROR for finding in findings) else 1)
