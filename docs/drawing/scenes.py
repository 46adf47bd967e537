"""The scenes of the pictures of docs/semantics.md, as data: tests/docs/test_pictures.py plays it on the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Statuses = Mapping[str, str]

RULES: dict[str, list[tuple[tuple[str, str], str]]] = {
    "all_succeeded": [
        (("succeeded", "forced"), "ready"),
        (("succeeded", "running"), "awaiting"),
        (("failed", "running"), "upstream_failed"),
        (("skipped", "running"), "skipped"),
    ],
    "none_failed": [
        (("succeeded", "skipped"), "ready"),
        (("skipped", "skipped"), "ready"),
        (("skipped", "running"), "awaiting"),
        (("failed", "running"), "upstream_failed"),
    ],
    "none_failed_min_one_succeeded": [
        (("succeeded", "skipped"), "ready"),
        (("skipped", "skipped"), "skipped"),
        (("succeeded", "running"), "awaiting"),
        (("failed", "running"), "upstream_failed"),
    ],
    "all_done": [
        (("failed", "succeeded"), "ready"),
        (("cancelled", "skipped"), "ready"),
        (("failed", "running"), "awaiting"),
        (("skipped", "running"), "awaiting"),
    ],
    "one_succeeded": [
        (("succeeded", "running"), "ready"),
        (("failed", "running"), "awaiting"),
        (("failed", "skipped"), "upstream_failed"),
        (("skipped", "skipped"), "skipped"),
    ],
    "one_failed": [
        (("failed", "running"), "ready"),
        (("cancelled", "running"), "ready"),
        (("succeeded", "running"), "awaiting"),
        (("succeeded", "skipped"), "skipped"),
    ],
    "all_failed": [
        (("failed", "cancelled"), "ready"),
        (("failed", "running"), "awaiting"),
        (("succeeded", "running"), "skipped"),
        (("failed", "succeeded"), "upstream_failed"),
    ],
    "always": [
        (("running", "running"), "ready"),
        (("failed", "running"), "ready"),
    ],
}
"""By rule: the statuses of two parents, which settled from left to right, and what becomes of their child."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A job before and after one thing happens to one of its tasks, or to the job itself.

    ``becomes`` is what somebody writes into ``status``, with the ``result``; ``task`` is empty for the job's own.
    ``rules`` are the trigger rules that are not the default. A mapped task's runs are named ``send[0]``, ``send[1]``;
    ``redrawn`` is the drawing afterwards, where it is another one.
    """

    drawing: str
    before: Statuses
    task: str
    becomes: str
    after: Statuses
    caption: str
    rules: Statuses = field(default_factory=dict)
    maps: Statuses = field(default_factory=dict)
    result: str | None = None
    redrawn: str = ""


SMALL = "extract -> load -> report, extract -> clean"
RULED = {"clean": "all_done"}
FAILED = {"extract": "failed", "load": "upstream_failed", "report": "upstream_failed", "clean": "succeeded"}
DONE = {"extract": "succeeded", "load": "succeeded", "report": "running", "clean": "succeeded"}
BEGUN = {"extract": "running", "load": "awaiting", "report": "awaiting", "clean": "awaiting"}
BEGINS = {"extract": "ready", "load": "awaiting", "report": "awaiting", "clean": "awaiting"}

SCENES: dict[str, Scene] = {
    "cascade-failed": Scene(SMALL, BEGUN, "extract", "failed", FAILED | {"clean": "ready"}, "extract fails", RULED),
    "cascade-skipped": Scene(
        SMALL,
        BEGUN,
        "extract",
        "skipped",
        {"extract": "skipped", "load": "skipped", "report": "skipped", "clean": "ready"},
        "extract is skipped",
        RULED,
    ),
    "retry": Scene(
        SMALL, FAILED, "extract", "ready", BEGINS | {"clean": "succeeded"}, "after a retry of extract", RULED
    ),
    "reopen-failed": Scene(SMALL, FAILED, "extract", "awaiting", BEGINS, "after a reopen of extract", RULED),
    "reopen": Scene(SMALL, DONE, "extract", "ready", BEGINS, "after a reopen of extract", RULED),
    "force": Scene(
        SMALL,
        FAILED,
        "extract",
        "forced",
        {"extract": "forced", "load": "ready", "report": "awaiting", "clean": "succeeded"},
        "after a force of extract",
        RULED,
    ),
    "skip": Scene(
        SMALL,
        FAILED,
        "load",
        "skipped",
        {"extract": "failed", "load": "skipped", "report": "skipped", "clean": "succeeded"},
        "after a skip of load",
        RULED,
    ),
    "cancel": Scene(
        SMALL,
        BEGINS,
        "extract",
        "cancelled",
        {"extract": "cancelled", "load": "upstream_failed", "report": "upstream_failed", "clean": "ready"},
        "after a cancel of extract",
        RULED,
    ),
    "cancel-job": Scene(
        SMALL,
        {"extract": "succeeded", "load": "running", "report": "awaiting", "clean": "succeeded"},
        "",
        "cancelled",
        {"extract": "succeeded", "load": "cancelled", "report": "cancelled", "clean": "succeeded"},
        "after a cancel of the job",
        RULED,
    ),
    "fan-out": Scene(
        "list -> send -> count",
        {"list": "running", "send": "awaiting", "count": "awaiting"},
        "list",
        "succeeded",
        {"list": "succeeded", "send[0]": "ready", "send[1]": "ready", "count": "awaiting"},
        "list has succeeded with two items",
        maps={"send": "list"},
        result='["ana", "bo"]',
        redrawn="list -> send[0] -> count, list -> send[1] -> count",
    ),
}
