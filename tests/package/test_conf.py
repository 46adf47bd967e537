"""``settings.PGPROCESS``: defaults, and one sentence for each key that does not exist."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from django.test import override_settings

from pgprocess.conf import Settings, get_settings, unknown_keys
from pgprocess.exceptions import ConfigurationError


def test_without_the_setting_everything_has_its_default() -> None:
    assert get_settings() == Settings()
    assert Settings().DATABASE == "default"


def test_what_is_given_counts_and_the_rest_keeps_its_default() -> None:
    with override_settings(PGPROCESS={"POLL_INTERVAL": 1.5}):
        assert get_settings() == Settings(POLL_INTERVAL=1.5)


def test_settings_are_read_once() -> None:
    with override_settings(PGPROCESS={"LOG_LIMIT": 10}):
        assert get_settings() is get_settings()


def test_overridden_settings_are_read_again_and_so_are_the_old_ones_afterwards() -> None:
    assert get_settings().RESULT_LIMIT == Settings().RESULT_LIMIT
    with override_settings(PGPROCESS={"RESULT_LIMIT": 7}):
        assert get_settings().RESULT_LIMIT == 7
        with override_settings(PGPROCESS={"RESULT_LIMIT": 8}):
            assert get_settings().RESULT_LIMIT == 8
        assert get_settings().RESULT_LIMIT == 7
    assert get_settings().RESULT_LIMIT == Settings().RESULT_LIMIT


def test_another_setting_does_not_forget_them() -> None:
    before = get_settings()
    with override_settings(TIME_ZONE="Europe/Berlin"):
        assert get_settings() is before


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("POL_INTERVAL", "POLL_INTERVAL"),
        ("database", "DATABASE"),
        ("LOGLIMIT", "LOG_LIMIT"),
        ("RESULTS", "RESULT_LIMIT"),
    ],
)
def test_a_misspelt_key_is_refused_with_the_nearest_one(key: str, nearest: str) -> None:
    with (
        override_settings(PGPROCESS={key: 1}),
        pytest.raises(ConfigurationError, match=rf"^PGPROCESS has no key '{key}': did you mean '{nearest}'\?$"),
    ):
        get_settings()


def test_a_key_like_no_other_is_refused_with_all_that_there_are() -> None:
    [sentence] = unknown_keys({"XYZZY": 1})
    assert sentence.startswith("PGPROCESS has no key 'XYZZY': the keys are DATABASE, ")
    assert all(field.name in sentence for field in fields(Settings))


def test_every_wrong_key_is_named_at_once() -> None:
    with (
        override_settings(PGPROCESS={"POL_INTERVAL": 1, "DATABSE": "x", "LOG_LIMIT": 5}),
        pytest.raises(ConfigurationError, match=r"'POL_INTERVAL'.*'DATABSE'"),
    ):
        get_settings()


@pytest.mark.parametrize("given", [None, [], "DATABASE", 5])
def test_a_setting_that_is_no_dict_is_refused(given: Any) -> None:
    with (
        override_settings(PGPROCESS=given),
        pytest.raises(ConfigurationError, match=f"^PGPROCESS is a dict, not {type(given).__name__}.$"),
    ):
        get_settings()
