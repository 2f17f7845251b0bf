"""`manage.py serve`: run one web process for pages and WebSockets, until SIGTERM or Ctrl-C."""

import logging
import resource
import socket
from argparse import ArgumentParser
from contextlib import suppress

from django.core.management.base import BaseCommand, CommandError

OPEN_FILES = 65_536  # at most; each connection is one


class Command(BaseCommand):
    help = "Run one web process. It stops cleanly on SIGTERM and Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--host", default="127.0.0.1", help="IP address to listen on (default: 127.0.0.1)"
        )
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")

    def handle(self, *, host: str, port: int, **options: object) -> None:
        from chat.live.server.server import Server, endpoints  # installs Twisted's reactor
        from chatproject.asgi import application

        refuse_taken_port(host, port)
        raise_file_limit()
        logging.getLogger("daphne").setLevel(logging.WARNING)
        server = Server(application, endpoints=endpoints(host, port))
        self.stdout.write(f"Obrolan is at http://{host}:{port}/  (Ctrl-C stops it)")
        self.stdout.flush()
        server.run()
        if server.failure:
            raise CommandError(server.failure)


def raise_file_limit() -> None:
    """Raise the limit of open files as far as permitted. The usual 1,024 are fewer than OBROLAN_SOCKETS, and
    one client with so many connections would lock out all others.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def refuse_taken_port(host: str, port: int) -> None:
    """Raise CommandError if the port is in use, before the URL is printed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {host}:{port} ({error.strerror}). Is Obrolan running already? "
                f"Choose another port: make run PORT={port + 1}"
            ) from None
