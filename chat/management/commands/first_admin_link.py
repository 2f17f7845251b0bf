"""`manage.py first_admin_link`: while there is no administrator, print a one-use link that makes one."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from chat.actions import invitations
from chat.refusals import Refusal


class Command(BaseCommand):
    help = "Print a link that makes the first administrator; older links are void. Nothing when there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="localhost")
        parser.add_argument("--port", default="")

    def handle(self, *args: Any, host: str, port: str, **options: Any) -> None:
        try:
            token = invitations.invite_first_administrator()
        except Refusal:
            return
        self.stdout.write("There is no administrator yet. Make one with this link; it works once, for a day:")
        self.stdout.write(f"  {_origin(host, port)}{reverse('first', args=[token])}")


def _origin(host: str, port: str) -> str:
    """The address people use: the first trusted origin, where one is set."""
    if settings.CSRF_TRUSTED_ORIGINS:
        return settings.CSRF_TRUSTED_ORIGINS[0]
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{port}" if port not in ("", "80") else f"http://{host}"
