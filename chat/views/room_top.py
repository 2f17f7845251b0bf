"""The top of a room page, above its messages: the pinned ones, and the description. One query reads both."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from django.db.models import Subquery

from chat.models import Description, Room
from chat.models.json_list import JsonList

_decode_seqs = msgspec.json.Decoder(list[int]).decode


class Top(NamedTuple):
    pins: list[int]  # seqs
    description: str  # HTML


def top_of(room: Room) -> Top:
    pins = JsonList(room.messages.pinned().values("seq"), column="seq")
    description = Subquery(Description.objects.filter(room=room).values("html"))
    found = Room.objects.filter(pk=room.pk).values_list(pins, description).first()
    seqs, html = found or (None, None)
    return Top(_decode_seqs(seqs) if seqs else [], html or "")
