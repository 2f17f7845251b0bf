"""What Obrolan refuses to start with: one readable line each, all at once.

Management commands run these as system checks, and `chatproject/asgi.py` for servers that know none.
`E001` is what could not be read from the environment; the others read well and would still harm somebody.
"""

import sys
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

SECRET_KEY_LENGTH = 16  # characters, at least; `check --deploy` asks for 50
PLACEHOLDERS = ("django-insecure", "change-me", "changeme", "change_me")  # what examples and Django give
IN_MEMORY = "channels.layers.InMemoryChannelLayer"


def start_is_safe(**_: Any) -> list[CheckMessage]:
    wrong = [Error(line, id="obrolan.E001") for line in settings.WRONG_SETTINGS]
    return wrong if settings.DEBUG else [*wrong, *_exposed()]


def refuse_unsafe_start() -> None:
    if wrong := start_is_safe():
        sys.exit("\n".join(message.msg for message in wrong))


def _exposed() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if _can_be_guessed(settings.SECRET_KEY):
        words = "SECRET_KEY can be guessed. Set it to 50 random characters."
        found.append(Error(words, id="obrolan.E002"))
    if "*" in settings.ALLOWED_HOSTS:
        words = "ALLOWED_HOSTS is *, which lets any site pretend to be this one. Name your host."
        found.append(Error(words, id="obrolan.E003"))
    if settings.OBROLAN_PROCESSES > 1 and settings.CHANNEL_LAYERS["default"]["BACKEND"] == IN_MEMORY:
        words = (
            "OBROLAN_PROCESSES is above 1 without REDIS_URL, by which the processes tell each other. Set it."
        )
        found.append(Error(words, id="obrolan.E004"))
    if settings.OBROLAN_PROCESSES > 1 and settings.EMBEDDED:
        words = "OBROLAN_PROCESSES is above 1 with SQLite, which serves one process. Set DATABASE_URL."
        found.append(Error(words, id="obrolan.E005"))
    return found


def _can_be_guessed(key: str) -> bool:
    return len(key) < SECRET_KEY_LENGTH or key.lower().startswith(PLACEHOLDERS)
