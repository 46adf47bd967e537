"""A real PgBouncer in transaction mode in front of the test's database, with fewer sessions than there are clients."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from pgprocess.devtools.account import choose_account

PROGRAM = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin")
SESSIONS = 3


@pytest.fixture
def pooler(dsn: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of the test's database through PgBouncer; commands that the test starts use it."""
    if not PROGRAM:
        pytest.skip("PgBouncer is not installed here: apt install pgbouncer")
    server = conninfo_to_dict(dsn)
    with tempfile.TemporaryDirectory(prefix="pgb-") as folder:
        account = choose_account(Path(folder) / "none", PROGRAM)
        account.own(Path(folder))
        words = " ".join(f"{key}={server[key]}" for key in ("host", "port", "user", "password") if server.get(key))
        config = Path(folder) / "pgbouncer.ini"
        config.write_text(
            f"[databases]\n* = {words}\n[pgbouncer]\npool_mode = transaction\nauth_type = any\n"
            f"default_pool_size = {SESSIONS}\nlisten_port = 6432\nunix_socket_dir = {folder}\n"
        )
        process = subprocess.Popen([*account.prefix, PROGRAM, str(config)], stderr=subprocess.PIPE, text=True)
        try:
            assert process.stderr
            said = ""
            while "process up" not in said:
                said = process.stderr.readline()
                assert said, "PgBouncer ended at once"
            url = f"postgres:///{server['dbname']}?host={quote(folder, safe='/')}&port=6432&user={server['user']}"
            monkeypatch.setenv("PGPROCESS_DIRECT_URL", dsn)
            monkeypatch.setenv("PGPROCESS_DATABASE_URL", url)
            with psycopg.connect(url) as connection:
                connection.execute("SELECT 1")
            yield url
        finally:
            process.terminate()
            process.communicate()
