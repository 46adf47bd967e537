"""docker-compose.yml stays valid, wherever something that reads it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def compose() -> list[str]:
    """The command, as a plugin of docker or on its own."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) and not subprocess.run([*command, "version"], capture_output=True).returncode:
            return command
    pytest.skip("neither docker compose nor docker-compose is installed")


def test_the_compose_file_is_valid_and_has_what_a_deployment_needs():
    command = compose()
    done = subprocess.run([*command, "config", "--services"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == {"postgres", "migrate", "web", "worker", "cron"}
