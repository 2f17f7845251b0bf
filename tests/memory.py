"""Temporary files of the tests in memory: the databases, the profiles of Chromium and `tmp_path`.

The tests create and drop hundreds of databases. On a disk that took more processor time than the tests
themselves: PostgreSQL writes and removes the 300 files of each.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3  # bytes; Docker's default of 64 MB is not enough


def keep_temporary_files_in_memory() -> None:
    """Set TMPDIR for this process and its children, unless it is set or there is little memory."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK | os.X_OK):
        return
    if shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
