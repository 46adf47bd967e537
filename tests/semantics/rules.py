"""What each trigger rule makes of a task's parents, written from the words of the semantics."""

from __future__ import annotations

from dataclasses import dataclass

RULES = [
    "all_succeeded",
    "none_failed",
    "none_failed_min_one_succeeded",
    "all_done",
    "one_succeeded",
    "one_failed",
    "all_failed",
    "always",
]


@dataclass(frozen=True)
class Parents:
    """How the parents of a task stand; what is not left, failed or skipped is ok."""

    total: int
    left: int
    failed: int
    skipped: int

    @property
    def ok(self) -> int:
        return self.total - self.left - self.failed - self.skipped


def decide(rule: str, parents: Parents) -> str:
    """What an awaiting task becomes: ready, skipped, upstream_failed, or awaiting if nothing is decided yet."""
    if parents.total == 0:
        return "ready"
    once_settled = "awaiting" if parents.left else "ready"
    hopeless = "upstream_failed" if parents.failed else "skipped"
    match rule:
        case "always":
            return "ready"
        case "all_done":
            return once_settled
        case "all_succeeded":
            return hopeless if parents.failed or parents.skipped else once_settled
        case "none_failed":
            return hopeless if parents.failed else once_settled
        case "none_failed_min_one_succeeded":
            return hopeless if parents.failed or parents.skipped == parents.total else once_settled
        case "all_failed":
            return hopeless if parents.ok or parents.skipped else once_settled
        case "one_succeeded" | "one_failed":
            if parents.ok if rule == "one_succeeded" else parents.failed:
                return "ready"
            return "awaiting" if parents.left else hopeless
    raise ValueError(f"there is no rule {rule}")
