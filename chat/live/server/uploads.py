"""The memory of large bodies that are arriving. Anybody may start to upload a picture, also strangers.

A body counts with what has arrived, from its first bytes above the size of a form to the end of the response.
"""

from collections import Counter

AT_ONCE = 32 * 1024 * 1024  # bytes in this process
AT_ONCE_PER_IP = 11 * 1024 * 1024  # two pictures
WITHIN = 120.0  # seconds for a body to arrive: a client that sends slowly must not keep the memory


class Uploads:
    def __init__(self) -> None:
        self._sizes: Counter[str] = Counter()  # bytes by limit_key

    def take(self, key: str, size: int) -> bool:
        """Whether there is room for so many bytes more."""
        if self._sizes.total() + size > AT_ONCE or self._sizes[key] + size > AT_ONCE_PER_IP:
            return False
        self._sizes[key] += size
        return True

    def give_back(self, key: str, size: int) -> None:
        self._sizes[key] -= size
        if self._sizes[key] <= 0:
            del self._sizes[key]


uploads = Uploads()
