"""PgBouncer in transaction mode, with the settings that docs/performance.md recommends."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from tests.ports import free_port
from tests.services import UNPRIVILEGED, Service

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
MISSING = "PgBouncer is missing. Install it: sudo apt-get install pgbouncer"
USER = "obrolan"
POOL = 4  # connections to PostgreSQL for each database: fewer than one web process opens to PgBouncer


def need_pgbouncer() -> None:
    """Skip the test without PgBouncer. In CI, fail it, except if `.ci/run` could not install it."""
    if PROGRAM:
        return
    if os.environ.get("OBROLAN_TEST_PGBOUNCER") == "off":
        pytest.skip("PgBouncer is missing: apt-get could not install it")
    pytest.fail(MISSING) if os.environ.get("CI") else pytest.skip(MISSING)


class PgBouncer(Service):
    """A pooler in front of the server of `target`, the URL of any of its databases."""

    name = "pgbouncer"
    stop_signal = signal.SIGINT  # ends when all transactions have ended

    def __init__(self, folder: Path, target: str) -> None:
        super().__init__(folder)
        self.port = free_port()
        self.password = secrets.token_urlsafe(16)
        self.target = conninfo_to_dict(target)
        self.user = UNPRIVILEGED if os.geteuid() == 0 else None  # it refuses to run as root
        self.home = folder / "pgbouncer"

    def url(self, database: str) -> str:
        return f"postgres://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def launch(self) -> None:
        assert PROGRAM, MISSING
        self.write_settings()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, self.home / "pgbouncer.ini"],
                stdout=log, stderr=log, user=self.user, cwd=self.home, start_new_session=True,
            )  # fmt: skip

    def write_settings(self) -> None:
        names = ("host", "port", "user", "password")
        server = " ".join(f"{name}='{self.target[name]}'" for name in names if self.target.get(name))
        self.home.mkdir(mode=0o700, exist_ok=True)
        (self.home / "users").write_text(f'"{USER}" "{self.password}"\n')
        (self.home / "pgbouncer.ini").write_text(f"""
[databases]
* = {server}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {self.home}/users
pool_mode = transaction
default_pool_size = {POOL}
stats_users = {USER}
max_client_conn = 500
query_wait_timeout = 5
server_login_retry = 1
""")
        for path in (self.home, *self.home.iterdir()) if self.user else ():
            shutil.chown(path, self.user)

    def answers(self) -> bool:
        """Whether PgBouncer itself answers; PostgreSQL may be down."""
        try:
            self.connections()
        except psycopg.OperationalError:
            return False
        return True

    def connections(self) -> list[str]:
        """The databases to which it has a connection, once for each connection."""
        console = self.url("pgbouncer")
        with psycopg.connect(console, autocommit=True, connect_timeout=2, row_factory=dict_row) as connection:
            return [row["database"] for row in connection.execute("SHOW SERVERS")]
