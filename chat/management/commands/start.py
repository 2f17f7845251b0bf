"""`python manage.py start`: what `make run` does, in one process, so that a second start is quick."""

import socket

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = (
        "Bring the database up to date, print the address and, when nobody is there yet, a first link; serve."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args, host: str, port: int, **options) -> None:
        refuse_taken_address(host, port)
        call_command("migrate", verbosity=0, interactive=False)
        self.stdout.write(f"Obrolan is at http://{host}:{port} (Ctrl-C ends it)")
        call_command("first_admin_link", host=host, port=str(port), stdout=self.stdout)
        call_command("serve", host=host, port=port)


def refuse_taken_address(host: str, port: int) -> None:
    """One line before anything else happens; the server itself would say it after the migrations."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as reason:
            raise CommandError(
                f"Cannot listen on {host}:{port}: {reason.strerror}. Choose another: make run PORT={port + 1}"
            ) from None
