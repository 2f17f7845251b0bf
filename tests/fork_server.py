"""The fork server: it imports the libraries once and forks a child for each web process of the tests.

A child then does what a new Python would do: it runs manage.py with the environment of its test, and so loads
the settings, Django and Obrolan. With an environment as its second argument the fork server loads these too
(`tests/fork_preparation.py`), for web processes with the usual settings. The client is `tests/forks.py`.

The fork server must not have what a fork cannot copy: a thread, an event loop or a connection.
`check_that_it_can_fork` fails if a library has them.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading

from django.conf import settings

from tests import fork_preparation
from tests.forks import NUMBER

# What takes long to import. Two things are left to the child: `daphne.server` makes an event loop, and the
# models of Django's own apps need settings.
LIBRARIES = (
    "channels.auth",
    "channels.security.websocket",
    "channels_redis.pubsub",
    "confusable_homoglyphs.confusables",
    "csp.middleware",
    "daphne.http_protocol",
    "daphne.ws_protocol",
    "django.contrib.admin.widgets",
    "django.contrib.messages.middleware",
    "django.contrib.postgres.search",
    "django.contrib.sessions.middleware",
    "django.core.asgi",
    "django.db.backends.postgresql.base",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.executor",
    "emoji",
    "environ",
    "markdown_it",
    "msgspec",
    "nh3",
    "psycopg_pool",
    "servestatic.middleware",
    "twisted.internet.asyncioreactor",
)


def serve(requests: socket.socket) -> dict | None:
    """Fork a child for each request. Returns the request in a child, and None when the client is gone."""
    woken, waker = socket.socketpair()
    waker.setblocking(False)
    signal.set_wakeup_fd(waker.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)  # without a handler nothing is written to the waker
    children: dict[int, socket.socket] = {}
    while True:
        readable, _, _ = select.select([requests, woken], [], [])
        if woken in readable:
            woken.recv(1024)
            report_exits(children)
        if requests in readable:
            request, status = receive(requests)
            if request is None or status is None:
                return None
            if not (pid := os.fork()):
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for inherited in (requests, woken, waker, status, *children.values()):
                    inherited.close()
                return request
            children[pid] = status
            status.send(NUMBER.pack(pid))


def receive(requests: socket.socket) -> tuple[dict | None, socket.socket | None]:
    """A request and the socket for its pid and exit status."""
    data, descriptors, _, _ = socket.recv_fds(requests, 65_536, 1)
    while data and not data.endswith(b"\n"):
        data += requests.recv(65_536)
    return (json.loads(data), socket.socket(fileno=descriptors[0])) if data else (None, None)


def report_exits(children: dict[int, socket.socket]) -> None:
    for pid in list(children):
        exited, status = os.waitpid(pid, os.WNOHANG)
        if exited:
            with children.pop(pid) as client, contextlib.suppress(OSError):  # it may be gone
                client.send(NUMBER.pack(os.waitstatus_to_exitcode(status)))


def check_that_it_can_fork() -> None:
    assert threading.active_count() == 1, "a library of tests.fork_server starts a thread"
    assert "twisted.internet.reactor" not in sys.modules, "a library of tests.fork_server makes an event loop"


def become(process: dict, prepared: bool) -> None:
    """Turn this child into `python *argv` with its own environment."""
    os.setsid()
    log = os.open(process["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.environ.clear()
    os.environ.update(process["env"])
    sys.argv = process["argv"]
    if prepared:
        fork_preparation.adopt()
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    for library in LIBRARIES:
        importlib.import_module(library)
    assert not settings.configured, "a library of tests.fork_server reads the settings"
    if prepared := len(sys.argv) > 2:
        fork_preparation.prepare(json.loads(sys.argv[2]))
    check_that_it_can_fork()
    gc.freeze()  # a collection in a child would write to, and so copy, the memory of every object
    if process := serve(socket.socket(fileno=int(sys.argv[1]))):
        become(process, prepared)
