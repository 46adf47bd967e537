"""``settings.PGPROCESS``: defaults, and one sentence for each key that does not exist."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from django.core.management import CommandError, call_command
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


NO_NUMBERS: list[Any] = ["5", None, [], True, float("nan"), float("inf"), -1, 1e300, {}, b"1"]
NO_WHOLE_NUMBERS = [*NO_NUMBERS, 1.5, "2MB", 10**30]
NO_LISTS = ["folder", None, 5, True, [None], [1], [["x"]], [""], {"x": 1}, b"x"]
NO_FLAGS: list[Any] = [None, 0, 1, "False", "no", [], 1.0]
NO_TEXTS = [None, 5, True, [], ["default"], {"x": 1}, b"default"]
WRONG: dict[str, list[Any]] = {
    "DATABASE": [*NO_TEXTS, ""],
    "LISTEN_DATABASE": NO_TEXTS,
    "RESULT_LIMIT": NO_WHOLE_NUMBERS,
    "LOG_LIMIT": NO_WHOLE_NUMBERS,
    "POLL_INTERVAL": [*NO_NUMBERS, 0],
    "KILL_GRACE": NO_NUMBERS,
    "MAX_CRASHES": NO_WHOLE_NUMBERS,
    "SCRIPT_DIRS": NO_LISTS,
    "ALLOW_DB_CODE": NO_FLAGS,
    "ALLOWED_COMMANDS": [value for value in NO_LISTS if value is not None],
    "ALLOWED_MODULES": [value for value in NO_LISTS if value is not None],
    "RETENTION": [True, [], float("nan"), -1, "soon", {"failed": "x"}, 5j],
    "ALERTS": [
        *[[], None, "x", {"ON": ["failure"]}, {"WEBHOOK": ["https://" + "x" * 600]}, {"EMAIL": ["a@b.c\nBcc: x"]}],
        *({"EMAIL": wrong} for wrong in NO_LISTS),
        *({"WEBHOOK": wrong} for wrong in NO_LISTS),
        *({"ON": wrong} for wrong in NO_LISTS),
        *({"SIGNAL": wrong} for wrong in NO_FLAGS),
        *({"LATE_AFTER": wrong} for wrong in NO_NUMBERS),
        *({"LONG_FACTOR": wrong} for wrong in NO_NUMBERS),
    ],
    "SECRET_PARAMS": NO_LISTS,
}


def test_every_key_has_values_that_can_not_be() -> None:
    assert set(WRONG) == {field.name for field in fields(Settings)}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in WRONG.items() for value in values])
def test_a_value_that_can_not_be_is_refused_with_one_sentence_by_check_and_by_the_worker(key: str, value: Any) -> None:
    from pgprocess.checks import check_postgres, check_settings

    with override_settings(PGPROCESS={key: value}):
        [message] = check_settings()
        check_postgres()
        assert message.id in ("pgprocess.E001", "pgprocess.E005", "pgprocess.E006")
        assert message.msg.startswith(f"PGPROCESS['{key}']")
        assert message.msg.endswith(".")
        for command in ("pgprocess_worker", "pgprocess_cron", "run_jobs"):
            with pytest.raises(CommandError) as refused:
                call_command(command, *([] if command == "pgprocess_cron" else ["--once"]))
            assert message.msg in str(refused.value)


@pytest.mark.parametrize("address", ["htps://hunter2@x/hunter2", 5])
def test_no_sentence_holds_the_address_of_a_webhook(address: Any) -> None:
    from pgprocess.checks import check_settings

    with override_settings(PGPROCESS={"ALERTS": {"WEBHOOK": [address]}}):
        assert "hunter2" not in check_settings()[0].msg
    with override_settings(PGPROCESS={"ALERTS": {"WEBHOOK": "https://x/hunter2"}}):
        assert "hunter2" not in check_settings()[0].msg


@pytest.mark.parametrize("given", ["nan", "inf", "-1", "soon", "1e300", ""])
def test_an_option_that_is_no_duration_is_refused(given: str) -> None:
    for command, option in (("pgprocess_worker", "--shutdown-timeout"), ("pgprocess_health", "--max-wait")):
        with pytest.raises(CommandError, match="is not a number of seconds from 0 to 86400"):
            call_command(command, f"{option}={given}")
