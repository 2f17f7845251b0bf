"""Match link rules: hosts with their subdomains, in a text and in the links of its HTML."""

from __future__ import annotations

import html as entities
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Generic
from urllib.parse import unquote

from .links import HOST_LENGTH
from .word_rules import INVISIBLE, Span
from .word_tables import K

_LABEL = rf"(?>(?:[^\W_]|[-_{INVISIBLE}])+)"
_DOT = "[.\u3002\uff0e\uff61]"  # all are dots in a host
# Only from the beginning of a label: from each of its characters, 4,000 of `-` would take a second.
_IN_TEXT = re.compile(rf"(?<![\w\-{INVISIBLE}]){_LABEL}(?>(?:{_DOT}{_LABEL})+)")
_HREF = re.compile('<a href="([^"]*)"')
_AUTHORITY = re.compile(r"(?:[a-z]+:)?(?://)?(?>[^/?#@]*@)?([^/?#:]+)")
_HOST = re.compile(r"(?>[^\W_][\w-]*)(?>(?:\.[^\W_][\w-]*)*)")
KNOWN = 5_000  # hosts of rules whose other spelling is kept
MAX_LABELS = 10  # of a host, counted from its end
_IS_INVISIBLE = re.compile(f"[{INVISIBLE}]")


def host_of(pattern: str) -> str | None:
    """The host of a rule: `example.com` also for `https://www.example.com/page` and `*.example.com`. A last
    label alone, such as `zip`, covers all hosts that end with it. None if there is no host.
    """
    authority = _AUTHORITY.match(_folded(pattern))
    if authority is None:
        return None
    host = authority[1].removeprefix("*.").removeprefix("www.").strip(".")
    if len(host) > HOST_LENGTH or not _HOST.fullmatch(host):
        return None
    return host


class HostTable(Generic[K]):
    """Hosts, each with the key of its rule."""

    def __init__(self, hosts: Iterable[tuple[K, str]]) -> None:
        self._keys: defaultdict[str, list[K]] = defaultdict(list)
        for key, host in hosts:
            for form in {host, _in_ascii(host)}:  # the HTML has the second, the text may have either
                self._keys[form].append(key)

    def find(self, text: str) -> Iterator[tuple[K, Span]]:
        """Matches in the text as it was written, also of hosts that are no links."""
        for found in _IN_TEXT.finditer(text) if self._keys else ():
            for key in self.matching([_folded(found[0])]):
                yield key, found.span()

    def matching(self, hosts: Iterable[str]) -> Iterator[K]:
        for host in hosts if self._keys else ():
            labels = host.strip(".").split(".")[-MAX_LABELS:]
            for start in range(len(labels)):
                yield from self._keys.get(".".join(labels[start:]), ())


def hosts_in_html(html: str) -> list[str]:
    """The hosts of the links in a rendered text. The text may have written them in another way: with
    entities, percent signs or backslashes.
    """
    found = (_AUTHORITY.match(_folded(unquote(entities.unescape(href)))) for href in _HREF.findall(html))
    return [authority[1] for authority in found if authority]


def _folded(host: str) -> str:
    folded = unicodedata.normalize("NFKC", host).casefold().replace("\u3002", ".")
    return _IS_INVISIBLE.sub("", folded)


@lru_cache(KNOWN)
def _in_ascii(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host
