"""`manage.py start`: the command behind `make run`. All steps run in one process, so it starts fast."""

import threading

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from chatproject.static import collect_if_changed

from .serve import refuse_taken_port


class Command(BaseCommand):
    help = "Migrate, collect changed static files, print a link for the first administrator, and serve."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args, host: str, port: int, **options) -> None:
        refuse_taken_port(host, port)
        call_command("migrate", verbosity=0, interactive=False)
        collect_if_changed()
        call_command("first_admin_link", host=host, port=str(port), stdout=self.stdout)
        start_worker()
        call_command("serve", host=host, port=port)


def start_worker() -> None:
    """Send pushes and mails in a thread, if they are configured. It ends with the process; what it was
    sending then is sent again after the next start.
    """
    from chat.worker.loop import Loop
    from chat.worker.rounds import has_work

    if has_work():
        threading.Thread(target=Loop().run, name="worker", daemon=True).start()
