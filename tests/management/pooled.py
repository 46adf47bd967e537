"""The test suite's settings with a pool of one connection that waits a moment only."""

from __future__ import annotations

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

_default = DATABASES["default"]
DATABASES = {
    "default": _default | {"OPTIONS": {**_default.get("OPTIONS", {}), "pool": {"min_size": 1, "timeout": 0.2}}}
}
