"""The suite's settings for crons that look often: their clock runs thousands of times faster than ours."""

from tests.settings import *  # noqa: F403

PGPROCESS = {"POLL_INTERVAL": 0.05}
