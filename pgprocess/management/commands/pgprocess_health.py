"""``manage.py pgprocess_health``: does anybody work, and does anybody tick?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pgprocess.models import Process, Worker


class Command(BaseCommand):
    """Exits 0 when all is well, else 1 with a sentence for each thing that is not."""

    help = "Exit 1 when no worker lives, or no cron turns schedules into jobs."

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, and say."""
        wrong = []
        if not Worker.objects.alive().exists():
            wrong.append("No worker is alive: start manage.py pgprocess_worker.")
        if overdue := Process.objects.overdue().order_by("next_run_at").first():
            due = overdue.next_run_at or overdue.scheduled_from
            wrong.append(
                f"No cron ticks: {overdue} waits since {due:%Y-%m-%d %H:%M %Z}; start manage.py pgprocess_cron."
            )
        if wrong:
            raise CommandError(" ".join(wrong))
        self.stdout.write("pgprocess is well.")
