"""Fixtures of the whole suite: one stack for the run, people and rooms, and real servers.

`OBROLAN_TEST_STACK` selects the stack: `embedded` (SQLite, in-memory layer; the default) or `full`
(PostgreSQL and Redis). A test that uses `site` or `server` gets a database of its own, which the ORM in the
test uses as well. Any other test that uses the database needs `@pytest.mark.django_db`.
"""

from __future__ import annotations

import os
import signal

import django
import pytest

from tests.memory import keep_temporary_files_in_memory
from tests.web import Stack

STACK = pytest.StashKey[Stack]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Start the stack and set its URLs in the environment, before Django reads its settings."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated"))  # stops the stack
    # A shell ignores SIGINT in background jobs, and every server started here would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    keep_temporary_files_in_memory()
    stack = config.stash[STACK] = Stack(os.environ.get("OBROLAN_TEST_STACK", "embedded"))
    stack.start()
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ.update(stack.env)
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatproject.settings"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "on"  # tests query the database in coroutines too
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
    """Keep SQLite in a file, as in production. Django's default for tests is a database in memory."""
    from django.conf import settings

    if not stack.full:
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(stack.folder / "test.sqlite3")


# ── real servers ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def site(stack, request, django_db_blocker):
    """A new database for this test, without web processes. Each `site.start()` starts one."""
    from django.db import connections

    if {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker("django_db"):
        pytest.fail("A test with a site uses the site's database: remove @pytest.mark.django_db.")
    default = connections.settings["default"]
    with stack.site() as site, django_db_blocker.unblock():
        original, default["NAME"] = default["NAME"], site.database
        forget_connections(connections)
        try:
            yield site
        finally:
            forget_connections(connections)
            default["NAME"] = original
    complaints = site.complaints()
    assert not complaints, "Errors in the server's log:\n" + "\n".join(complaints)


def forget_connections(connections):
    """Close the connections, so the next query uses the database that the settings name then."""
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
    """Reset the rate limits that an earlier test used up."""
    from chat.limits import limits

    limits.cache_clear()


@pytest.fixture(autouse=True)
def noted_devices(monkeypatch):
    """Each session counts as noted: it would be a query of the first page only, which tests may count."""
    from chat.views import devices

    monkeypatch.setattr(devices, "_is_due", lambda key: False)


@pytest.fixture(autouse=True)
def fresh_rules():
    """Forget the word rules of rooms whose ids the rooms of this test may have again."""
    from chat.actions import rule_cache

    rule_cache.forget()


@pytest.fixture(autouse=True)
def fresh_front_page():
    """Forget the rooms that the front page listed in an earlier test."""
    from chat.views import front_page

    front_page.forget()


@pytest.fixture
def sent_mails():
    """A function that returns the emails sent so far. Views send them in a thread."""
    from django.core import mail

    from chat.views import mails

    def sent_mails():
        mails.THREAD.submit(lambda: None).result()
        return mail.outbox

    return sent_mails


# ── people and rooms ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def database(request):
    """Switch to the site's database before another fixture writes to it, if the test has a site."""
    if "site" in request.fixturenames:
        request.getfixturevalue("site")


def create_person(name):
    from chat.models import User

    return User.objects.create_user(name.lower(), name=name)


@pytest.fixture
def alice(database):
    """A member of both rooms."""
    return create_person("Alice")


@pytest.fixture
def bob(database):
    """A moderator of both rooms."""
    return create_person("Bob")


@pytest.fixture
def charlie(database):
    """A person who is a member of no room."""
    return create_person("Charlie")


@pytest.fixture
def kitchen(alice, bob):
    """A public room."""
    return create_room("Kitchen", "public", alice, bob)


@pytest.fixture
def vault(alice, bob):
    """A private room."""
    return create_room("Vault", "private", alice, bob)


def create_room(name, kind, member, moderator):
    from chat.models import Membership, Room

    room = Room.objects.create(slug=name.lower(), name=name, kind=kind)
    Membership.objects.create(room=room, user=member)
    Membership.objects.create(room=room, user=moderator, role=Membership.MODERATOR)
    return room
