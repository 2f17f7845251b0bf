"""Emails are sent in a thread, after the response.

Otherwise the time of a response would reveal whether an account exists, and a slow mail server would occupy
the threads that render pages. Emails that still wait when the process ends are lost.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from chat.refusals import Refusal

MAX_WAITING = 100  # emails; each may take EMAIL_TIMEOUT
RETRY_AFTER = 60_000  # milliseconds

THREAD = ThreadPoolExecutor(1, thread_name_prefix="mail")
_waiting: set[Future[None]] = set()


def check_queue() -> None:
    """Raises Refusal: busy, if too many emails wait. Call this before the account is looked up."""
    if len(_waiting) >= MAX_WAITING:
        raise Refusal("busy", retry_after_ms=RETRY_AFTER)


def send_soon(send: Callable[..., None], *arguments: object) -> None:
    """Call `send(*arguments)` in the thread. It must not use the database."""
    sending = THREAD.submit(send, *arguments)
    _waiting.add(sending)
    sending.add_done_callback(_waiting.discard)
