"""A disk of the fleet's own for what scripts need while they run, so small that it can be full."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

SIZE = 4 * 1024 * 1024


class Disk:
    """``folder`` is it. ``missing`` says why it is an ordinary folder, which can't be filled, where it is one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.missing = ""

    def mount(self) -> None:
        """It is there."""
        self.folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "chaos", str(self.folder)]
        try:
            done = subprocess.run(command, capture_output=True, text=True)
            self.missing = done.stderr.strip()
        except OSError as error:
            self.missing = str(error)

    def fill(self) -> None:
        """Nothing fits on it any more."""
        with (self.folder / "filler").open("ab", buffering=0) as file, suppress(OSError):
            while file.write(bytes(4096)):
                pass

    def free(self) -> None:
        """There is room again."""
        os.unlink(self.folder / "filler")

    def unmount(self) -> None:
        """It is gone."""
        if not self.missing:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
