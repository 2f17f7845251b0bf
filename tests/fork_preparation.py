"""The fork server loads Obrolan once with the settings of a stack, so that a web process need not.

Web processes of a stack differ only in the database, so the fork server loads the settings, the models, the
pages, the templates and the static files. A child gets the settings of its own environment before it runs
manage.py.

The event loop and what depends on it are left to the child: `chatproject.asgi` and `daphne.server`.
"""

import contextlib
import importlib
import os
import sys
import types
from pathlib import Path

MODULES = (
    "chat.live.process",
    "chat.live.sockets.routing",
    "chat.management.commands.serve",
    "chat.views.load_shedding",
    "chat.views.rate_limits",
    "chatproject.urls",
)


def prepare(env: dict[str, str]) -> None:
    """Load Obrolan with this environment."""
    os.environ.clear()
    os.environ.update(env, DJANGO_SETTINGS_MODULE="chatproject.settings")
    import django

    daphne_server = "daphne.server"  # daphne.apps imports it early for the sake of other libraries
    sys.modules[daphne_server] = types.ModuleType(daphne_server)
    django.setup()
    for name in MODULES:
        importlib.import_module(name)
    del sys.modules[daphne_server]
    compile_templates()
    read_static_files()
    settle()


def compile_templates() -> None:
    """Fill the cache of the template loader."""
    from django.conf import settings
    from django.template import loader

    folder = Path(settings.TEMPLATES[0]["DIRS"][0])
    for path in folder.rglob("*.html"):
        loader.get_template(str(path.relative_to(folder)))


def read_static_files() -> None:
    """Read the static files and their headers, which takes a third of the start of a web process."""
    from servestatic.middleware import ServeStaticMiddleware

    async def respond(request):
        raise NotImplementedError

    prepared = ServeStaticMiddleware(respond)

    def take(middleware: ServeStaticMiddleware) -> None:
        middleware.files, middleware.directories = prepared.files.copy(), prepared.directories.copy()

    ServeStaticMiddleware.add_files_from_finders = ServeStaticMiddleware.add_files_from_manifest = take


def settle() -> None:
    """Drop what a child must make itself from its own settings: the objects of the database connections."""
    from django.db import connections

    with contextlib.suppress(AttributeError):
        del connections["default"]


def adopt() -> None:
    """Give a prepared child the settings of its environment. Only those of the database can be different."""
    from django.conf import settings
    from django.db import connections

    os.environ["DJANGO_SETTINGS_MODULE"] = "chatproject.settings"
    source = importlib.reload(sys.modules["chatproject.settings"])
    for name in filter(str.isupper, dir(source)):
        if getattr(settings, name, None) != getattr(source, name):
            setattr(settings, name, getattr(source, name))
    vars(connections).pop("settings", None)
    connections._settings = None
