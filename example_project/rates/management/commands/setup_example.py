"""Define the example's process, and an administrator where there is none."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from rates import processes
from rates.accounts import ensure_administrator


class Command(BaseCommand):
    """Sets the example up; running it again changes nothing."""

    help = "Defines the process of the example, and creates the user admin where there is no administrator."

    def handle(self, *args: Any, **options: Any) -> None:
        """The process is as the code has it, and somebody can log in."""
        process = processes.define()
        self.stdout.write(f"Process {process.name}: {process.tasks.filter(is_active=True).count()} tasks.")
        self.stdout.write(f"Administration: {ensure_administrator()}.")
