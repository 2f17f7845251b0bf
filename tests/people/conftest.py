import pytest


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Hash passwords with MD5: Django's default hasher takes a quarter of a second, on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
