"""Check the invariants from the database state and the clients' logs. Pure functions: no clock, no socket."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Any

from .database import Change, DatabaseState, Row
from .timeline import LATE, RESET, SHOWN

Log = dict[str, Any]  # client.ClientLog with the client's profile, as JSON
SANCTIONED = {"muted", "banned"}
REFUSABLE = {
    "post": SANCTIONED,
    "edit": {"deleted", *SANCTIONED},  # another client deleted it first
    "react": {"deleted", *SANCTIONED},
    "delete": {"deleted", "banned"},
    # An outage can take longer than the time for undo. A moderator may have hidden it.
    "restore": {"too_late", "not_yours", *SANCTIONED},
}
# A post that waited for the room's lock has the time before it waited. So near the end of a sanction it may
# seem to be stored during it.
LOCK_WAIT = 1.0  # seconds, at most, on an idle machine


@dataclass
class Room:
    id: int
    head: int
    rows: list[Row]
    changes: list[Change]  # by rev
    logs: list[Log]

    @property
    def posts_only(self) -> bool:
        return all(log["profile"]["posts_only"] for log in self.logs)


def judge(state: DatabaseState, logs: list[Log], lock_wait: float = LOCK_WAIT) -> list[str]:
    """One sentence for each violated invariant; empty if all hold."""
    found: list[str] = []
    for room in rooms(state, logs):
        found += [f"room {room.id}: {line}" for line in (*numbers(room), *acknowledged(room))]
        for log in room.logs:
            name = log["profile"]["name"]
            found += [f"{name}: {line}" for line in (*answered(log), *in_order(room, log))]
            found += [f"{name}: {line}" for line in (*same_list(room, log), *own_order(room, log))]
            found += [f"{name}: {line}" for line in undone(room, log, state.hidden)]
    return found + list(silent(state, lock_wait))


def rooms(state: DatabaseState, logs: list[Log]) -> list[Room]:
    return [
        Room(
            id,
            head,
            [row for row in state.rows if row.room == id],
            sorted((change for change in state.changes if change.room == id), key=lambda change: change.rev),
            [log for log in logs if log["profile"]["room"] == id],
        )
        for id, head in state.heads.items()
    ]


def silent(state: DatabaseState, lock_wait: float) -> Iterator[str]:
    """5. Nobody has a message that was stored after a mute or ban was decided and before it ended."""
    by_author = defaultdict(list)
    for row in state.rows:
        by_author[row.author].append(row)
    for sanction in state.sanctions:
        for row in by_author[sanction.person]:
            is_there = sanction.room in (None, row.room)
            if is_there and sanction.start < row.created < sanction.end - lock_wait:
                after = f"{row.created - sanction.start:.3f} s after a mute or ban"
                yield f"room {row.room}: message {row.seq} of {row.author} was stored {after}"


def acknowledged(room: Room) -> Iterator[str]:
    """1. Each acknowledged (author, idempotency key) is stored exactly once, with the acknowledged seq."""
    stored = defaultdict(list)
    for row in room.rows:
        stored[row.author, row.client_id].append(row)
    committed = {(change.seq, change.rev) for change in room.changes}
    sent = set()
    for log in room.logs:
        author = log["profile"]["user"]
        sent |= {(author, id) for id in log["sent"]}
        for _, id, seq, rev in log["acked"]:
            command = log["sent"][id]
            if (seq, rev) not in committed:
                yield f"{command['type']} {id} was acknowledged as {seq}/{rev}, which was never committed"
            if command["type"] == "post":
                seqs = [row.seq for row in stored[author, id]]
                if seqs != [seq]:
                    yield f"post {id} was acknowledged as {seq} and is stored as {seqs}"
            elif command["seq"] != seq:
                yield f"{command['type']} of {command['seq']} was acknowledged as one of {seq}"
    for author, id in stored.keys() - sent:
        yield f"message {id} of {author} was never sent"


def numbers(room: Room) -> Iterator[str]:
    """2. The head equals the number of committed changes. No number is used twice or missing."""
    revs = [change.rev for change in room.changes]
    if revs != list(range(1, room.head + 1)):
        duplicates = [rev for rev, count in Counter(revs).items() if count > 1][:5]
        missing = sorted(set(range(1, room.head + 1)) - set(revs))[:5]
        yield f"head {room.head}, but {len(revs)} changes; duplicates {duplicates}, missing {missing}"
    latest = {change.seq: change.rev for change in room.changes}
    if latest != {row.seq: row.rev for row in room.rows}:
        yield "the stored messages are not the result of the changes"
    for column in ("seq", "rev"):
        used = Counter(getattr(row, column) for row in room.rows)
        yield from (f"{column} {number} is used {count} times" for number, count in used.items() if count > 1)
    if room.posts_only and [row.seq for row in room.rows] != list(range(1, room.head + 1)):
        yield "a room with posts only has a gap in its numbers"


def same_list(room: Room, log: Log) -> Iterator[str]:
    """3a. The client ends with the database's list of messages."""
    expected = [row.shown() for row in room.rows if row.seq >= log["floor"]]
    listed = [tuple(line) for line in log["listed"]]
    if expected != listed:
        stored, seen = {line[0]: line for line in expected}, {line[0]: line for line in listed}
        missing = [line for seq, line in stored.items() if seen.get(seq) != line]
        extra = [line for seq, line in seen.items() if stored.get(seq) != line]
        yield f"shows {len(listed)} of {len(expected)} messages; missing {missing[:2]}, instead {extra[:2]}"


def undone(room: Room, log: Log, hidden: Collection[tuple[int, int]]) -> Iterator[str]:
    """A message is deleted if and only if its author's last delete or restore that took effect says so.

    Both in one transaction have the same number; then the order of the acknowledgements decides.
    """
    last: dict[int, tuple[int, int, str]] = {}  # seq → rev, order, command
    for order, (_, id, seq, rev) in enumerate(log["acked"]):
        if (kind := log["sent"][id]["type"]) in ("delete", "restore"):
            last[seq] = max(last.get(seq, (0, 0, "")), (rev, order, kind))
    rows = {row.seq: row for row in room.rows}
    for seq, (_, _, kind) in last.items():
        if (room.id, seq) in hidden:
            continue  # a moderator's decision counts more
        if seq in rows and rows[seq].deleted != (kind == "delete"):
            state = "deleted" if rows[seq].deleted else "not deleted"
            yield f"message {seq} is {state}, though the last command on it was {kind}"


def in_order(room: Room, log: Log) -> Iterator[str]:
    """3b. The client applied every change in the order of the numbers.

    A number may be missing only if a later change of the same message superseded it and was applied.
    """
    seq_of = {change.rev: change.seq for change in room.changes}
    skipped: dict[int, int] = {}  # seq → the number that was skipped
    cursor = 0
    for _, seq, rev, outcome in log["applied"]:
        if outcome == RESET:
            cursor = rev
            skipped.clear()
        elif outcome == LATE:
            yield f"change {rev} of {seq} came after change {cursor}"
        elif rev > cursor:
            for number in range(cursor + 1, rev):
                skipped[seq_of.get(number, 0)] = number
            cursor = rev
            if skipped.get(seq, rev) < rev:
                del skipped[seq]
    if skipped:
        yield f"never received the changes {sorted(skipped.values())[:5]}"


def answered(log: Log) -> Iterator[str]:
    """4. Each command was answered or is still in the outbox. No post of a correct client is refused."""
    acked = {id for _, id, _, _ in log["acked"]}
    refused = {id for _, id, _, retry in log["refused"] if not retry}
    for id in log["sent"].keys() - acked - refused - set(log["outbox"]):
        yield f"{log['sent'][id]['type']} {id} was lost without a reply"
    for kind, id, code, retry in log["refused"]:
        if not retry and code not in REFUSABLE.get(kind, ()):
            yield f"{kind} {id} was refused: {code}"
    yield from (violation for _, violation in log["violations"])


def own_order(room: Room, log: Log) -> Iterator[str]:
    """A client's own messages stay in order, except for those that the server told it to send again. A muted
    person's message may be refused, and the answer be lost when a ban closes the socket.
    """
    resent = {id for _, id, _, retry in log["refused"] if retry} | set(log.get("cut_off", ()))
    seqs = {row.client_id: row.seq for row in room.rows if row.author == log["profile"]["user"]}
    own = [seqs[id] for id in log["sent"] if id in seqs and id not in resent]
    if own != sorted(own):
        inversions = sum(later < earlier for earlier, later in pairwise(own))
        yield f"{inversions} of {len(own)} own messages were overtaken by a later one"


def delays(state: DatabaseState, logs: list[Log]) -> list[float]:
    """Seconds from the first time a post was sent until each other client applied it, sorted."""
    sent = {id: command["at"] for log in logs for id, command in log["sent"].items()}
    posts = {(change.room, change.rev): change for change in state.changes if change.seq == change.rev}
    found = []
    for log in logs:
        profile = log["profile"]
        for when, seq, rev, outcome in log["applied"]:
            post = posts.get((profile["room"], rev)) if outcome == SHOWN and seq == rev else None
            if post and post.author != profile["user"]:
                found.append(when - sent[post.client_id])
    return sorted(found)


def recovery_times(heads: dict[int, int], since: float, state: DatabaseState, logs: list[Log]) -> list[float]:
    """Seconds from `since` until each client was up to date; inf if it never was.

    `heads` are the rooms' heads at that time. A client that has applied a newer change has all changes before
    it. A client that has applied only older ones may not know yet that it misses some. In a quiet room the
    time begins when somebody wanted the newer change.
    """
    newer = {room: min(heads[room] + 1, state.heads[room]) for room in heads}  # or the head, if none followed
    begins = dict.fromkeys(heads, since) | first_sent(newer, heads, since, logs)
    found = []
    for log in logs:
        room = log["profile"]["room"]
        if log["profile"].get("may_be_banned"):
            continue
        reached = (when for when, _, rev, _ in log["applied"] if rev >= newer[room])
        found.append(max(0.0, next(reached, inf) - begins[room]))
    return found


def first_sent(
    newer: dict[int, int], heads: dict[int, int], since: float, logs: list[Log]
) -> dict[int, float]:
    """By room, the time of the first command that got a number from `newer` on; `since` if that is later."""
    sent: dict[int, float] = {}
    for log in logs:
        room = log["profile"]["room"]
        for _, id, _, rev in log["acked"]:
            if rev >= newer[room] > heads[room]:
                sent[room] = min(sent.get(room, inf), log["sent"][id]["at"])
    return {room: max(since, at) for room, at in sent.items()}


def percentile(sorted_values: list[float], share: float) -> float:
    """The value at `share` (0 to 1) of a sorted list; 0 if the list is empty."""
    if not sorted_values:
        return 0.0
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]
