"""Messages to search, and each of the ways in which the search reads them."""

import uuid

import pytest

WAYS = {  # FEW, WALKED
    "the rooms completely": (10_000, 10_000),
    "the latest messages": (0, 10_000),
    "the index": (0, 0),
}


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    """Run the test once for each way to search: with few messages, the first would always be chosen."""
    from chat.search import finding

    few, walked = WAYS[request.param]
    monkeypatch.setattr(finding, "FEW", few)
    monkeypatch.setattr(finding, "WALKED", walked)
    return request.param


@pytest.fixture
def say():
    """Post messages and return them: `say(kitchen, alice, "One", "Two")`."""
    from chat.actions.messages import Draft, post

    def say(room, author, *texts):
        return post([Draft(room.pk, author.pk, uuid.uuid4(), text) for text in texts])

    return say


@pytest.fixture
def found():
    """The texts that a person finds, newest first: `found(alice, "tea from:bob")`."""
    from chat.models import Message
    from chat.search.bounds import bounded
    from chat.search.filters import Filters
    from chat.search.finding import Search
    from chat.search.query import parse

    def found(user, typed):
        query = parse(typed)
        assert not query.problems, query.problems
        ids, before = [], None
        with bounded():
            while True:
                page = Search(Filters(query, user), user, 2, before).run()
                ids += page.ids
                assert page.further is None or before is None or page.further < before
                if (before := page.further) is None:
                    break
        texts = Message.objects.in_bulk(ids)
        return [texts[id].text for id in ids]

    return found
