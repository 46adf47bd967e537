"""The currencies that the report looks at, by their ISO code; all others are loaded all the same."""

from __future__ import annotations

WATCHED = {
    "USD": "US dollar",
    "GBP": "Pound sterling",
    "JPY": "Japanese yen",
    "CHF": "Swiss franc",
    "SEK": "Swedish krona",
    "PLN": "Polish złoty",
    "TRY": "Turkish lira",
    "ZAR": "South African rand",
}

INDEXED = ("USD", "GBP", "JPY", "CHF", "SEK", "PLN")
"""Those of the line chart: quoted since 1999, and within one order of magnitude of where they began."""
