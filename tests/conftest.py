"""The suite's ground: one stack for the run, the cast and their rooms, real servers on request.

`OBROLAN_TEST_STACK` says what it stands on: `embedded` (SQLite, in-memory layer; the default) or `full`
(PostgreSQL and Redis). A test that asks for `site` or `server` gets a database of its own, which the ORM in
the test speaks to as well; any other test that touches the database says `@pytest.mark.django_db`.
"""

from __future__ import annotations

import os
import signal

import django
import pytest

from tests.web import Stack

STACK = pytest.StashKey[Stack]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Before Django reads its settings: start the stack and say where it is."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated"))  # what was started is stopped
    # What a shell starts in the background is deaf to Ctrl-C, and so would be every server started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    stack = config.stash[STACK] = Stack(os.environ.get("OBROLAN_TEST_STACK", "embedded"))
    stack.start()
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ.update(stack.env)
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatproject.settings"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "on"  # a test may look into the database from anywhere
    django.setup()


def pytest_unconfigure(config):
    if STACK in config.stash:
        config.stash[STACK].close()


def pytest_report_header(config):
    stack = config.stash[STACK]
    return "stack: PostgreSQL and Redis" if stack.full else "stack: SQLite and the in-memory layer"


@pytest.fixture(scope="session")
def stack(request):
    return request.config.stash[STACK]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(stack):
    """SQLite in a file, as it is used; Django's default for tests is a database in memory."""
    from django.conf import settings

    if not stack.full:
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(stack.folder / "test.sqlite3")


# ── real servers ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def site(stack, request, django_db_blocker):
    """A fresh database for this test and no web process yet: `site.start()` gives one, as often as asked."""
    from django.db import connections

    if {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker("django_db"):
        pytest.fail("A test with a site uses the site's database: leave out @pytest.mark.django_db.")
    here = connections.settings["default"]
    with stack.site() as site, django_db_blocker.unblock():
        usual, here["NAME"] = here["NAME"], site.database
        forget_connections(connections)
        try:
            yield site
        finally:
            forget_connections(connections)
            here["NAME"] = usual
    complaints = site.complaints()
    assert not complaints, "The server's log complains:\n" + "\n".join(complaints)


def forget_connections(connections):
    """The next query connects to the database that the settings name by then."""
    connection = connections["default"]
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()
    del connections["default"]


@pytest.fixture
def server(site):
    return site.start()


@pytest.fixture(autouse=True)
def fresh_limits():
    """No test starts with the rate limits that an earlier one used up."""
    from chat.limits import limits

    limits.cache_clear()


# ── the cast ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def where(request):
    """The database that this test speaks to is ready: its site's, or the one of django_db."""
    if "site" in request.fixturenames:
        request.getfixturevalue("site")


def person(name):
    from chat.models import User

    return User.objects.create_user(name.lower(), name=name)


@pytest.fixture
def alice(where):
    """A member of both rooms."""
    return person("Alice")


@pytest.fixture
def bob(where):
    """A moderator of both rooms."""
    return person("Bob")


@pytest.fixture
def charlie(where):
    """Somebody who belongs nowhere."""
    return person("Charlie")


@pytest.fixture
def kitchen(alice, bob):
    """A public room."""
    return room("Kitchen", "public", alice, bob)


@pytest.fixture
def vault(alice, bob):
    """A private room."""
    return room("Vault", "private", alice, bob)


def room(name, kind, member, moderator):
    from chat.models import Membership, Room

    made = Room.objects.create(slug=name.lower(), name=name, kind=kind)
    Membership.objects.create(room=made, user=member)
    Membership.objects.create(room=made, user=moderator, role=Membership.MODERATOR)
    return made
