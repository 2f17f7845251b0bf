"""Django's development server, with the same sockets and the same drain as `serve`."""

from daphne.management.commands.runserver import Command as DaphneCommand

from chat.live.server.server import Server


class Command(DaphneCommand):
    server_cls = Server
