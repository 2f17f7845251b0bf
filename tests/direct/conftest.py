"""Alice and Bob share the kitchen and have a conversation. Charlie shares no room with them."""

import uuid

import pytest


@pytest.fixture
def pair(kitchen, alice, bob):
    """The conversation of Alice and Bob."""
    from chat.actions.direct import open_direct

    return open_direct([bob], by=alice)


@pytest.fixture
def say():
    """The stored messages, or the codes of refusals: `say(room, alice, "One", "Two")`."""
    from chat.actions.messages import Draft, post
    from chat.refusals import Refusal

    def say(room, author, *texts):
        results = post([Draft(room.pk, author.pk, uuid.uuid4(), text) for text in texts])
        return [result.code if isinstance(result, Refusal) else result for result in results]

    return say


@pytest.fixture
def log_in(client):
    """The client, logged in as this person."""

    def log_in(person):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in
