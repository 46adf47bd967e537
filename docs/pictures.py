"""Draws the pictures of docs/semantics.md: ``python -m docs.pictures``, in the root of the repository."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from docs.drawing.machine import machine
from docs.drawing.panels import before_and_after, family, picture
from docs.drawing.scenes import RULES, SCENES

FOLDER = Path(__file__).parent / "images"


def pictures() -> dict[str, str]:
    """All pictures by the names of their files."""
    drawn = {"states.svg": machine()}
    for rule, cases in RULES.items():
        drawn[f"rule-{rule}.svg"] = picture(f"The trigger rule {rule}", [family(*case) for case in cases])
    for name, scene in SCENES.items():
        drawn[f"{name}.svg"] = picture(f"Before, and {scene.caption}", [*before_and_after(scene)])
    return drawn


if __name__ == "__main__":
    settings.configure(USE_I18N=False)
    for name, text in pictures().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
