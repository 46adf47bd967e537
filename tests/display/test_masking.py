"""Secrets in params are known by their names, however deep they stand."""

from __future__ import annotations

from pgprocess.conf import Settings
from pgprocess.display.masking import MASK, masked

WORDS = Settings().SECRET_PARAMS


def test_what_stands_under_a_secrets_name_is_not_shown():
    params = {
        "day": "2026-11-24",
        "db": {"DB_Password": "x", "host": "h"},
        "keys": [{"api_key": {"a": 1}}],
        "token": ["a"],
    }
    assert masked(params, WORDS) == {
        "day": "2026-11-24",
        "db": {"DB_Password": MASK, "host": "h"},
        "keys": [{"api_key": MASK}],
        "token": MASK,
    }
    assert params["token"] == ["a"]


def test_a_project_says_its_own_words():
    assert masked({"iban": "x", "token": "y"}, ["IBAN"]) == {"iban": MASK, "token": "y"}


def test_what_is_no_object_is_shown():
    assert masked([1, "secret", None], WORDS) == [1, "secret", None]
