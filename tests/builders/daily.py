"""A process that is due whatever the time of day: its slot is two hours behind us, the next 22 hours ahead."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.builders.drawing import Executes, draw


class Daily:
    """A process whose daily slot passed two hours ago, the last of ``missed`` that nobody has looked at."""

    def __init__(self, execute: Executes, name: str = "daily", drawing: str = "a", missed: int = 1, **columns: Any):
        self.execute = execute
        [(self.slot,)] = execute("SELECT date_trunc('minute', now()) - interval '2 h'")
        self.slot = self.slot.astimezone(UTC)
        self.id = draw(execute, drawing, name=name)
        self.set(minute=str(self.slot.minute), hour=str(self.slot.hour), **columns)
        self.slots = [self.slot - timedelta(days=days) for days in reversed(range(missed))]
        self.set(next_run_at=self.slots[0], scheduled_from=self.slots[0] - timedelta(hours=1))

    def set(self, **columns: Any) -> None:
        assignments = ", ".join(f"{column} = %s" for column in columns)
        self.execute(f"UPDATE pgprocess_process SET {assignments} WHERE id = %s", [*columns.values(), self.id])

    def get(self, column: str) -> Any:
        return self.execute(f"SELECT {column} FROM pgprocess_process WHERE id = %s", [self.id])[0][0]

    @property
    def jobs(self) -> list[tuple[datetime, str]]:
        """Its jobs' logical dates and statuses, in the order in which they were made."""
        return self.execute(
            "SELECT logical_date, status FROM pgprocess_job WHERE process_id = %s ORDER BY id", [self.id]
        )


class Like(str):
    """Equals every text that it matches as a pattern."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and bool(re.fullmatch(self, other))

    __hash__ = str.__hash__
