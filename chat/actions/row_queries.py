"""The queries of `Rows`: one for any number of commands."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Q

from chat.models import HeldMessage, Membership, Message

from .command import Key, Stored


def memberships(room_ids: set[int], user_ids: set[int]) -> dict[tuple[int, int], Membership]:
    """By room id and user id."""
    found = Membership.objects.filter(room__in=room_ids, user__in=user_ids)
    return {(membership.room_id, membership.user_id): membership for membership in found}


def messages(keys: set[tuple[int, int]]) -> dict[tuple[int, int], Message]:
    """By room id and seq, with what their states need."""
    seqs = defaultdict(list)
    for room_id, seq in keys:
        seqs[room_id].append(seq)
    query = Q()
    for room_id in seqs:
        query |= Q(room=room_id, seq__in_array=seqs[room_id])
    rows = Message.objects.filter(query).with_state()
    found = {(message.room_id, message.seq): message for message in rows}
    for message in rows:
        original = found.get((message.room_id, message.reply_to or 0))
        if original is not None:  # one object for both, as the transaction may change it
            message.original, message.quoted_names = original, None
    return found


def posted(keys: set[Key]) -> dict[Key, Stored]:
    """Call it after the rooms are locked, to see the messages that another process stored before."""
    authors, client_ids = zip(*keys, strict=True)
    found = Message.objects.filter(author__in=set(authors), client_id__in=set(client_ids)).with_state()
    held = HeldMessage.objects.filter(author__in=set(authors), client_id__in=set(client_ids))
    stored: list[Stored] = [*held, *found]  # a message replaces the held one that became it
    return {(each.author_id, each.client_id): each for each in stored}
