"""One web process, broken on purpose from outside: the product holds no switch for any of this.

CHAOS_SKEW      seconds by which this process's clock is wrong
CHAOS_ARM       a file; who removes it after a COMMIT that has something to tell does nothing more
CHAOS_HINTS     share of the layer's messages that are harmed, 0 to 1
CHAOS_HARM      how, of: drop, repeat, reorder
"""

from __future__ import annotations

import argparse
import os
import signal
import time
from contextlib import suppress
from pathlib import Path


def skew_clocks(seconds: float) -> None:
    """Before anything else is imported: later `from … import now` takes the wrong clock too."""
    real_time = time.time
    time.time = lambda: real_time() + seconds
    from datetime import timedelta

    from django.utils import timezone

    real_now = timezone.now
    timezone.now = lambda: real_now() + timedelta(seconds=seconds)


def die_after_commit(armed: Path) -> None:
    """COMMIT has returned; nobody was told yet, neither the sender nor the readers."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    tell = BaseDatabaseWrapper.run_and_clear_commit_hooks

    def tell_or_die(self) -> None:
        if self.run_on_commit:
            with suppress(FileNotFoundError):
                armed.unlink()  # one of all processes succeeds
                os.kill(os.getpid(), signal.SIGKILL)
        tell(self)

    BaseDatabaseWrapper.run_and_clear_commit_hooks = tell_or_die


def harm_hints() -> None:
    from django.conf import settings

    layer = settings.CHANNEL_LAYERS["default"]
    kind = "HarmedRedis" if "redis" in layer["BACKEND"] else "HarmedMemory"
    layer["BACKEND"] = f"tests.chaos.layer.{kind}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatproject.settings"
    if skew := float(os.environ.get("CHAOS_SKEW", 0)):
        skew_clocks(skew)
    if armed := os.environ.get("CHAOS_ARM"):
        die_after_commit(Path(armed))
    if float(os.environ.get("CHAOS_HINTS", 0)):
        harm_hints()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "serve", "--host", "127.0.0.1", "--port", str(options.port)])


if __name__ == "__main__":
    main()
