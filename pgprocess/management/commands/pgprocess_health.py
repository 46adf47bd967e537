"""``manage.py pgprocess_health``: does a worker live, and does a cron tick? For probes, so it costs little."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pgprocess.conf import get_settings
from pgprocess.doctor import health
from pgprocess.management.durations import seconds
from pgprocess.management.findings import as_json


class Command(BaseCommand):
    help = "Exit 1 when no worker lives, or no cron turns schedules into jobs."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queue", action="append", metavar="NAME", help="a live worker must serve it; repeatable")
        parser.add_argument(
            "--max-wait", type=seconds, metavar="SECONDS", help="no ready task (of these queues) may wait longer"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the findings; exit 0 without any, else 1."""
        alias = get_settings().DATABASE
        findings = list(health(alias, queues_served=options["queue"] or (), max_wait=options["max_wait"]))
        if options["json"]:
            self.stdout.write(as_json(findings))
            sys.exit(1 if findings else 0)
        if findings:
            raise CommandError(" ".join(finding.sentence for finding in findings))
        self.stdout.write("pgprocess is well.")
