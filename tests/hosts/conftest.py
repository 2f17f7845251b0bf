"""Sites whose web processes reach PostgreSQL or Redis as they would on another host."""

import pytest

from tests.notifications.conftest import push_service as push_service
from tests.pgbouncer import PgBouncer, need_pgbouncer


@pytest.fixture
def full(stack):
    if not stack.full:
        pytest.skip("SQLite and the in-memory layer are on one host")


@pytest.fixture
def pgbouncer(full, stack, site):
    """A PgBouncer that all processes of the site use. The test itself uses PostgreSQL directly.

    The time zone of the database is not UTC, so a session that lost its settings would show wrong times.
    """
    need_pgbouncer()
    stack.postgres.run(f'ALTER DATABASE "{site.database}" SET timezone = "Asia/Jakarta"')
    with PgBouncer(site.folder, site.env["DATABASE_URL"]) as pgbouncer:
        site.env["DATABASE_URL"] = pgbouncer.url(site.database)
        yield pgbouncer
        for process in site.processes:  # while they still have a database
            process.stop()
