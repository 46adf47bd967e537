"""The doctor's findings as text for people, or as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from pgprocess.doctor import Finding


def sentences(findings: Iterable[Finding]) -> str:
    """Return a line for each finding: how bad it is, what to do, which check found it."""
    return "\n".join(f"{finding.severity}: {finding.sentence} [{finding.check}]" for finding in findings)


def as_json(findings: Iterable[Finding]) -> str:
    """Return ``{"well": false, "findings": [{"check": …, "severity": …, "sentence": …}]}``."""
    found = [asdict(finding) for finding in findings]
    return json.dumps({"well": not found, "findings": found}, ensure_ascii=False)
