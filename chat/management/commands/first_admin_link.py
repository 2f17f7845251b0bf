"""`manage.py first_admin_link`: print a one-use link that creates the first administrator."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from chat.actions import invitations
from chat.refusals import Refusal


class Command(BaseCommand):
    help = "Print a one-use link that creates the first administrator, unless there is one already."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="localhost")
        parser.add_argument("--port", default="")

    def handle(self, *args: Any, host: str, port: str, **options: Any) -> None:
        try:
            token = invitations.invite_first_administrator()
        except Refusal:
            return
        self.stdout.write(
            "There is no administrator yet. Create one with this link. It works once and expires in a day:"
        )
        self.stdout.write(f"  {_origin(host, port)}{reverse('first', args=[token])}")


def _origin(host: str, port: str) -> str:
    """The site's origin: the first of CSRF_TRUSTED_ORIGINS, if there is one."""
    if settings.CSRF_TRUSTED_ORIGINS:
        return settings.CSRF_TRUSTED_ORIGINS[0]
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{port}" if port not in ("", "80") else f"http://{host}"
