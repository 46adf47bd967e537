"""What a mapped task finds in the task that it maps over, written from the words of the semantics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tests.semantics.model import Task


class Found(NamedTuple):
    """The list, or what becomes of the mapped task without one; ``problem`` says that there is none and should be."""

    status: str
    items: list[Any] | None = None
    problem: bool = False


def find(over: Sequence[Task]) -> Found:
    """What these job tasks of one task give to those that map over it: ready is a list with items."""
    if any(not task.is_settled for task in over):
        return Found("awaiting")
    if any(task.is_failing for task in over):
        return Found("upstream_failed")
    if over and all(task.status == "skipped" for task in over):
        return Found("skipped")
    result = result_of(over) if over else None
    if not isinstance(result, list):
        return Found("upstream_failed", problem=True)
    return Found("ready" if result else "skipped", result)


def result_of(over: Sequence[Task]) -> Any:
    """The result of a task: of a mapped one the list of its items' results, which is empty without items."""
    if over[0].map_over:
        return [task.result for task in over if task.item is not None]
    return over[0].result
