"""The invariants, from the database's books and the people's diaries alone. Pure: no clock, no socket."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Any

from .ledger import Books, Noted, Row
from .timeline import LATE, SHOWN, TURNED

Diary = dict[str, Any]  # person.Diary with its card, as JSON
REFUSABLE = {"edit": {"deleted"}, "react": {"deleted"}, "delete": {"deleted"}}  # somebody else was quicker


@dataclass
class Room:
    number: int
    head: int
    rows: list[Row]
    noted: list[Noted]
    diaries: list[Diary]

    @property
    def posts_only(self) -> bool:
        return all(diary["card"]["posts_only"] for diary in self.diaries)


def judge(books: Books, diaries: list[Diary]) -> list[str]:
    """Every broken invariant, in words; an empty list is an acquittal."""
    found: list[str] = []
    for room in rooms(books, diaries):
        found += [f"room {room.number}: {line}" for line in (*numbers(room), *acknowledged(room))]
        for diary in room.diaries:
            name = diary["card"]["name"]
            found += [f"{name}: {line}" for line in (*answered(diary), *in_order(room, diary))]
            found += [f"{name}: {line}" for line in (*same_list(room, diary), *own_order(room, diary))]
    return found


def rooms(books: Books, diaries: list[Diary]) -> list[Room]:
    return [
        Room(
            number,
            head,
            [row for row in books.rows if row.room == number],
            sorted((note for note in books.noted if note.room == number), key=lambda note: note.rev),
            [diary for diary in diaries if diary["card"]["room"] == number],
        )
        for number, head in books.heads.items()
    ]


def acknowledged(room: Room) -> Iterator[str]:
    """1. Each acknowledged (author, client id) is in the database exactly once, with the acknowledged seq."""
    stored = defaultdict(list)
    for row in room.rows:
        stored[row.author, row.client_id].append(row)
    noted = {(note.seq, note.rev) for note in room.noted}
    sent = set()
    for diary in room.diaries:
        author = diary["card"]["user"]
        sent |= {(author, about) for about in diary["sent"]}
        for _, about, seq, rev in diary["acked"]:
            command = diary["sent"][about]
            if (seq, rev) not in noted:
                yield f"{command['type']} {about} was acknowledged as {seq}/{rev}, which was never committed"
            if command["type"] == "post":
                seqs = [row.seq for row in stored[author, about]]
                if seqs != [seq]:
                    yield f"post {about} was acknowledged as {seq} and is stored as {seqs}"
            elif command["seq"] != seq:
                yield f"{command['type']} of {command['seq']} was acknowledged as one of {seq}"
    for author, about in stored.keys() - sent:
        yield f"message {about} of {author} was sent by nobody"


def numbers(room: Room) -> Iterator[str]:
    """2. The head counts the committed changes; no number is used twice, and none is missing."""
    revs = [note.rev for note in room.noted]
    if revs != list(range(1, room.head + 1)):
        doubled = [rev for rev, times in Counter(revs).items() if times > 1][:5]
        missing = sorted(set(range(1, room.head + 1)) - set(revs))[:5]
        yield f"head {room.head}, but {len(revs)} changes; doubled {doubled}, missing {missing}"
    latest = {note.seq: note.rev for note in room.noted}
    if latest != {row.seq: row.rev for row in room.rows}:
        yield "the rows are not the outcome of the changes"
    for what in ("seq", "rev"):
        taken = Counter(getattr(row, what) for row in room.rows)
        yield from (f"{what} {number} is used {times} times" for number, times in taken.items() if times > 1)
    if room.posts_only and [row.seq for row in room.rows] != list(range(1, room.head + 1)):
        yield "a room with posts only has a hole in its numbers"


def same_list(room: Room, diary: Diary) -> Iterator[str]:
    """3a. The screen ends with the database's list."""
    should = [row.shown() for row in room.rows if row.seq >= diary["floor"]]
    shows = [tuple(line) for line in diary["listed"]]
    if should != shows:
        stored, seen = {line[0]: line for line in should}, {line[0]: line for line in shows}
        missing = [line for seq, line in stored.items() if seen.get(seq) != line]
        extra = [line for seq, line in seen.items() if stored.get(seq) != line]
        yield f"shows {len(shows)} of {len(should)} messages; missing {missing[:2]}, instead {extra[:2]}"


def in_order(room: Room, diary: Diary) -> Iterator[str]:
    """3b. No change was applied before the one preceding it, and none was passed over.

    A number may be missing only where a later change of the same message, which came too, made it old.
    """
    seq_of = {note.rev: note.seq for note in room.noted}
    passed: dict[int, int] = {}  # seq → the number that was passed over
    cursor = 0
    for _, seq, rev, how in diary["applied"]:
        if how == TURNED:
            cursor = rev
            passed.clear()
        elif how == LATE:
            yield f"change {rev} of {seq} came after change {cursor}"
        elif rev > cursor:
            for number in range(cursor + 1, rev):
                passed[seq_of.get(number, 0)] = number
            cursor = rev
            if passed.get(seq, rev) < rev:
                del passed[seq]
    if passed:
        yield f"never saw the changes {sorted(passed.values())[:5]}"


def answered(diary: Diary) -> Iterator[str]:
    """4. Each send was answered, or is still in the outbox. No post of a sound client is refused."""
    acked = {about for _, about, _, _ in diary["acked"]}
    refused = {about for _, about, _, retry in diary["refused"] if not retry}
    for about in diary["sent"].keys() - acked - refused - set(diary["outbox"]):
        yield f"{diary['sent'][about]['type']} {about} was lost without an answer"
    for kind, about, code, retry in diary["refused"]:
        if not retry and code not in REFUSABLE.get(kind, ()):
            yield f"{kind} {about} was refused: {code}"
    yield from (words for _, words in diary["wrong"])


def own_order(room: Room, diary: Diary) -> Iterator[str]:
    """Nobody's messages overtake each other, but where the server asked for one of them again."""
    asked_again = {about for _, about, _, retry in diary["refused"] if retry}
    seqs = {row.client_id: row.seq for row in room.rows if row.author == diary["card"]["user"]}
    said = [seqs[about] for about in diary["sent"] if about in seqs and about not in asked_again]
    if said != sorted(said):
        turned = sum(later < earlier for earlier, later in pairwise(said))
        yield f"{turned} of {len(said)} own messages were overtaken by a later one"


def delays(books: Books, diaries: list[Diary]) -> list[float]:
    """Seconds from a post's first sending to each other screen that applied its birth, sorted."""
    sent = {about: command["at"] for diary in diaries for about, command in diary["sent"].items()}
    born = {(note.room, note.rev): note for note in books.noted if note.seq == note.rev}
    found = []
    for diary in diaries:
        card = diary["card"]
        for when, seq, rev, how in diary["applied"]:
            birth = born.get((card["room"], rev)) if how == SHOWN and seq == rev else None
            if birth and birth.author != card["user"]:
                found.append(when - sent[birth.client_id])
    return sorted(found)


def whole_after(heads: dict[int, int], since: float, books: Books, diaries: list[Diary]) -> list[float]:
    """Seconds from `since`, when rooms stood at `heads`, until each screen was live; inf: never.

    Who shows a change newer than that has all before it, and is not merely unaware of what is missing.
    """
    found = []
    for diary in diaries:
        room = diary["card"]["room"]
        newer = min(heads[room] + 1, books.heads[room])  # where nothing came after: all that there is
        reached = (when for when, _, rev, _ in diary["applied"] if rev >= newer)
        found.append(max(0.0, next(reached, inf) - since))
    return found


def share(sorted_values: list[float], part: float) -> float:
    return (
        sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * part))] if sorted_values else 0.0
    )
