"""The look-alike guard: which names read the same to a person."""

import unicodedata


def skeleton(name: str) -> str:
    """A key that is equal for names that look alike."""
    return unicodedata.normalize("NFKC", name).casefold()
