"""The test suite's settings behind a pooler: ``default`` leads through it, ``direct`` past it."""

from __future__ import annotations

import os

from pgprocess.devtools.url import database_settings
from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES = DATABASES | {"direct": database_settings(os.environ["PGPROCESS_DIRECT_URL"])}
PGPROCESS = {"LISTEN_DATABASE": "direct", "POLL_INTERVAL": 0.5}
