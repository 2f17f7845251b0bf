"""The settings of the Channels tutorial: one app, Daphne, a Redis layer.

LAYER is `core` or `pubsub`; CONSUMER is `talk`, as in the tutorial, or `saved`: save each message, then send.
"""

import os
from urllib.parse import parse_qsl, urlsplit

SECRET_KEY = "bench"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["daphne", "chat", "channels"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "mysite.urls"
ASGI_APPLICATION = "mysite.asgi.application"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CONSUMER = os.environ.get("CONSUMER", "talk")
BACKENDS = {
    "core": "channels_redis.core.RedisChannelLayer",
    "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": BACKENDS[os.environ.get("LAYER", "core")],
        "CONFIG": {"hosts": [os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")]},
    }
}
url = urlsplit(os.environ.get("DATABASE_URL", "postgres://localhost/tutorial"))
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.strip("/"),
        "USER": url.username,
        "PASSWORD": url.password,
        "HOST": url.hostname or dict(parse_qsl(url.query)).get("host"),
        "PORT": url.port,
        "OPTIONS": {"pool": True},  # without it: a third of the messages a second
    }
}
