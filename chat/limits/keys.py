"""The keys of buckets that belong to a secret. They are hashes, since keys are sent to other processes."""

from hashlib import blake2b


def key_of_session(kind: str, session: str) -> list[tuple[str, str]]:
    """The bucket of a session cookie."""
    return [(kind, digest_of(session))] if session else []


def digest_of(secret: str) -> str:
    return blake2b(secret.encode(), digest_size=8).hexdigest()
