"""Draining before the server stops, where it would close the sockets first and tell us afterwards.

On SIGTERM uvicorn closes every socket with 1012 and no `bye`, and only then ends the ASGI lifespan. So we
take the signal first, and hand it on when everybody was told and everything is committed.
"""

import signal
import threading
from functools import partial
from types import FrameType
from typing import Any

from .process import Process


def drain_first(process: Process) -> None:
    """Put the drain before what the server does on SIGTERM and SIGINT. To be called once it handles them."""
    if threading.current_thread() is not threading.main_thread():
        return  # signals go to the main thread alone, and so does the server's stop
    for number in (signal.SIGTERM, signal.SIGINT):
        handler = signal.getsignal(number)
        if callable(handler):
            signal.signal(number, partial(_drain_first, process, handler))


def _drain_first(process: Process, hand_on: Any, number: int, frame: FrameType | None) -> None:
    if process.is_draining:  # asked twice: somebody is in a hurry
        hand_on(number, frame)
    else:
        process.loop.call_soon_threadsafe(_drain, process, partial(hand_on, number, None))


def _drain(process: Process, hand_on: partial[Any]) -> None:
    process.drain().add_done_callback(lambda _: hand_on())
