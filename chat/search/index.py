"""Conditions for the index of each database. They may find too much, never too little: `contains` decides.

There is none for a term that is a part of too many words, such as one letter, or without an index.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from .query import Term
from .schema import LONGEST_PART, VECTOR

MOST_WORDS = 500  # words that one term stands for
GROUP = 3  # characters of each entry of SQLite's index
MOST_GROUPS = 12  # of one term

WORDS_WITH = """
    SELECT DISTINCT word FROM chat_search_word
    WHERE chat_search_ends(word) @@ %s::tsquery AND strpos(word, %s) > 0 LIMIT %s
"""
GROUPS_FROM = "SELECT term FROM chat_search_terms WHERE term >= %s AND term < %s LIMIT %s"
HAS_INDEX = "SELECT count(*) FROM sqlite_master WHERE name IN ('chat_search', 'chat_search_update_new')"


def contains(term: Term) -> RawSQL:
    """Whether `search_text` contains the term."""
    function = "strpos" if connection.vendor == "postgresql" else "instr"
    return _condition(f"{function}(chat_message.search_text, %s) > 0", term.text)


def indexed(terms: Sequence[Term], alternatives: Sequence[Term] = ()) -> RawSQL | None:
    """A condition that the index answers: all terms, and one of `alternatives`. None: the index cannot help.

    Terms that it cannot help with are left out.
    """
    one = _terms_on_postgresql if connection.vendor == "postgresql" else _terms_on_sqlite
    parts = one(terms, alternatives)
    if not parts:
        return None
    if connection.vendor == "postgresql":
        vector = VECTOR.format("chat_message.")
        return _condition(f"{vector} @@ %s::tsquery", " & ".join(parts))
    found = "SELECT rowid FROM chat_search WHERE chat_search MATCH %s"
    return _condition(f"chat_message.id IN ({found})", " AND ".join(parts))


def _condition(sql: str, *values: str) -> RawSQL:
    return RawSQL(sql, values, output_field=BooleanField())  # noqa: S611  # nosec: all values are bound


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────


def _terms_on_postgresql(terms: Sequence[Term], alternatives: Sequence[Term]) -> list[str]:
    parts = [part for term in terms if (part := _tsquery(term))]
    others = [part for term in alternatives if (part := _tsquery(term))]
    return [*parts, f"({' | '.join(others)})"] if others and len(others) == len(alternatives) else parts


def _tsquery(term: Term) -> str | None:
    """A tsquery for the words of a term. Words have no character that would need an escape."""
    found = term.text.split()
    begins, ends = term.text[0] == " ", term.text[-1] == " "
    if len(found) == 1:
        return f"'{found[0]}'" if begins and ends else _beginning_or_inner(found[0], begins)
    parts = [f"'{word}'" for word in found]
    if not ends:
        parts[-1] += ":*"
    if not begins:
        parts[0] = _any_of(found[0], "", parts[0]) or ""
    return f"({' & '.join(filter(None, parts))})"


def _beginning_or_inner(word: str, begins: bool) -> str | None:
    """A word with this part. Numbers only begin with it."""
    return f"'{word}':*" if begins else _any_of(word, ":*", f"'{word}':*")


def _any_of(part: str, after: str, first: str) -> str | None:
    """`first`, or a word that has this part inside, or ends with it if `after` is empty."""
    if len(part) == 1 and part.isascii():
        return None
    lexeme = part[:LONGEST_PART]
    if len(part) > LONGEST_PART:
        after = ":*"
    with connection.cursor() as cursor:
        cursor.execute(WORDS_WITH, [f"'{lexeme}'{after}", part, MOST_WORDS + 1])
        found = [word for (word,) in cursor.fetchall()]
    if len(found) > MOST_WORDS:
        return None
    return "(" + " | ".join([first, *(f"'{word}'" for word in found)]) + ")"


# ── SQLite ───────────────────────────────────────────────────────────────────────────────────────


def _terms_on_sqlite(terms: Sequence[Term], alternatives: Sequence[Term]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(HAS_INDEX)
        if cursor.fetchone()[0] < 2:
            return []
    parts = [part for term in terms if (part := _match(term.text))]
    others = [part for term in alternatives if (part := _match(term.text))]
    return [*parts, f"({' OR '.join(others)})"] if others and len(others) == len(alternatives) else parts


def _match(text: str) -> str | None:
    if len(text) < GROUP:
        return _match_short(text)
    groups = list(dict.fromkeys(text[at : at + GROUP] for at in range(len(text) - GROUP + 1)))
    step = -(-len(groups) // MOST_GROUPS)
    return "(" + " AND ".join(f'"{group}"' for group in groups[::step]) + ")"


def _match_short(text: str) -> str | None:
    """Each character of `search_text` but the last, which is a space, begins a group."""
    if len(text) == 1 and text.isascii():
        return None
    with connection.cursor() as cursor:
        cursor.execute(GROUPS_FROM, [text, text + chr(0x10FFFF), MOST_WORDS + 1])
        groups = [group for (group,) in cursor.fetchall()]
    if len(groups) > MOST_WORDS:
        return None
    return "(" + " OR ".join(f'"{group}"' for group in groups or [text + "  "]) + ")"
