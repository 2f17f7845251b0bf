"""`manage.py runserver`: the development server, with the same WebSockets and drain as `serve`."""

from daphne.management.commands.runserver import Command as DaphneCommand

from chat.live.server.server import Server


class Command(DaphneCommand):
    server_cls = Server
