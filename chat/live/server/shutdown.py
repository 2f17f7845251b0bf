"""The shutdown of a web process: it ends within GONE_WITHIN seconds of SIGTERM or Ctrl-C, whatever hangs.

The drain (`Server.kill_all_applications`) notifies the clients, finishes the commits in flight and waits for
pages. Three more cases need care:

- Python joins the threads of all pools at exit. A thread that waits for a hanging database, or for the
  stopped event loop, never ends. `leave` joins no thread.
- A blocked event loop never begins the drain. A timer of `faulthandler` then ends the process, and writes a
  stack trace of each thread to stderr.
- A second signal means that the operator does not want to wait. It has its default action: the kernel ends
  the process.
"""

import atexit
import faulthandler
import os
import signal
import sys
import threading
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

GONE_WITHIN = 9.5  # seconds from the first signal; Docker kills after 10 by default
SIGNALS = (signal.SIGTERM, signal.SIGINT)


def end_in_time() -> None:
    """Wrap the server's signal handlers in `_first_signal`. Call this once they are installed."""
    if not handles_signals():
        return
    for number in SIGNALS:
        handler = signal.getsignal(number)
        if callable(handler):
            signal.signal(number, partial(_first_signal, handler))


def _first_signal(handler: Any, number: int, frame: FrameType | None) -> None:
    for each in SIGNALS:
        signal.signal(each, signal.SIG_DFL)
    handler(number, frame)
    with suppress(AttributeError, OSError, RuntimeError, ValueError):  # stderr may be closed
        faulthandler.dump_traceback_later(GONE_WITHIN, exit=True)


def leave() -> None:
    """End the process now, with status 0 and without joining threads. Call this after the drain."""
    if handles_signals():
        atexit._run_exitfuncs()  # flushes logs; thread pools register elsewhere, so no thread is joined
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # the reader of the pipe may be gone
                stream.flush()
        os._exit(0)


def handles_signals() -> bool:
    """False under `runserver` with its autoreloader, which runs the server in another thread."""
    return threading.current_thread() is threading.main_thread()
