"""Error codes of the WebSocket protocol and of HTTP: message, HTTP status, and whether a retry can succeed.

A refusal is an expected answer, not a failure. Its message tells the user what to do.
"""

from .connections import CONNECTIONS
from .messages import MESSAGES
from .moderation import MODERATION
from .people import PEOPLE
from .rooms import ROOMS

REFUSALS = CONNECTIONS | PEOPLE | MODERATION | ROOMS | MESSAGES


class Refusal(Exception):
    """A code of REFUSALS with the values of its message: `Refusal("too_long", limit=4000)`."""

    def __init__(self, code: str, *, retry_after_ms: int | None = None, **details: object) -> None:
        kind = REFUSALS[code]
        self.code = code
        self.message = kind.message.format(**details)
        self.status = kind.status
        self.retry = kind.retry
        self.retry_after_ms = retry_after_ms
        super().__init__(self.message)
