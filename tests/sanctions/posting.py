"""Post a message, and see what became of it."""

import uuid

from chat.actions.messages import Draft, post
from chat.refusals import Refusal


def say(room, user, text="hello", **fields):
    """The stored message, or the code of the refusal."""
    (result,) = post([Draft(room.pk, user.pk, uuid.uuid4(), text, **fields)])
    return result.code if isinstance(result, Refusal) else result
