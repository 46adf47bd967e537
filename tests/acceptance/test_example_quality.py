"""The example loads no file of rates that a careful reader would doubt."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.example import PROJECT


@pytest.fixture
def quality(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The example's module of that name."""
    monkeypatch.syspath_prepend(str(PROJECT))
    yield importlib.import_module("rates.quality")
    for name in [name for name in sys.modules if name.partition(".")[0] == "rates"]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("", "The file holds no rates."),
        ("2024-01-02,USD,1.1\n2024-01-02,USD,1.1", "USD stands twice on 2024-01-02."),
        ("2024-01-03,USD,1.1\n2024-01-02,USD,1.1", "days must ascend"),
        ("2024-01-02,USD,0", "a rate must be positive"),
        ("2024-01-02,USD,NaN", "a rate must be positive"),
        ("2024-01-02,USD,-1.1", "a rate must be positive"),
        ("2024-01-02,USD,1.1\n2024-01-12,USD,1.1", "some days are missing"),
        ("2024-01-02,USD,1.1\n2024-01-03,USD,11", "not plausible"),
        ("2024-01-02,USD,one", "Line 2 of rates.csv"),
        ("2024-01-02", "Line 2 of rates.csv"),
    ],
)
def test_doubtful_rates_are_refused(quality: Any, tmp_path: Path, lines: str, sentence: str) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(f"day,currency,rate\n{lines}\n")
    with pytest.raises(quality.Doubt, match=sentence):
        quality.check(quality.read(path))


def test_a_suspended_currency_is_counted_and_believed(quality: Any) -> None:
    days = [date(2024, 1, day) for day in range(1, 13)]
    quotes = [quality.Quote(day, "USD", Decimal(1)) for day in days]
    quotes[:1] = [quality.Quote(days[0], "ISK", Decimal(140)), quotes[0]]
    quotes.append(quality.Quote(days[-1], "ISK", Decimal(150)))
    counts = quality.check(quotes)
    assert counts == {"rows": 14, "days": 12, "currencies": 2, "longest_gap": 1, "holes": 1}
