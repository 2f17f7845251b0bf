"""A large database for the measurements of the search."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

PEOPLE, ROOMS, BATCH = 10_000, 1_000, 5_000
BUSY_ROOM_SHARE = 4  # every 4th message is in room 0, every 6th by person 0
BUSY_PERSON_SHARE = 6
WORDS_PER_MESSAGE = 9
SYLLABLES = """
    ba ca da fa ga ha ja ka la ma na pa ra sa ta wa ya ing eng ung kan ber men per ter an di ke se tu
"""
VOCABULARY = 80_000
HAN = "今日本語茶飲食大学生時間天気電車駅山川田中国人水火木金土東京京都北南西行来見話書読"
CYRILLIC = "привет мир завтра работа учитель чай кофе говорить школа книга переписка"


def fill(count: int) -> None:
    """Messages of words with the frequencies of a language: the n-th word is n times rarer than the first."""
    from chat import names
    from chat.models import Membership, Message, Room, User
    from chat.search.words import search_text

    people = User.objects.bulk_create(
        User(username=f"p{n}", name=f"Person {n}", name_key=names.skeleton(f"Person {n}"), password="!")
        for n in range(PEOPLE)
    )
    rooms = Room.objects.bulk_create(
        Room(slug=f"room{n}", name=f"Room {n}", kind="public" if n % 100 == 50 else "private")
        for n in range(ROOMS)
    )
    few = [rooms[n] for n in (1, 3, 5, 7, 9)]
    Membership.objects.bulk_create(
        [
            *(Membership(room=room, user=people[0]) for room in rooms),
            *(Membership(room=room, user=people[1]) for room in few),
        ]
    )
    chance = random.Random(1)
    texts, seqs = sentences(chance), [0] * ROOMS
    begin = timezone.now() - timedelta(minutes=count)
    for start in range(0, count, BATCH):
        rows = []
        for n in range(start, min(count, start + BATCH)):
            place = 0 if n % BUSY_ROOM_SHARE == 0 else n % ROOMS
            author = people[0 if n % BUSY_PERSON_SHARE == 0 else n % PEOPLE]
            seqs[place] += 1
            text = "Say xylophone" if n % 20_011 == 7 else next(texts)
            message = Message(
                room=rooms[place], author=author, seq=seqs[place], rev=seqs[place], client_id=UUID(int=n + 1),
                text=text, html=f"<p>{text}</p>", html_version=1, created_at=begin + timedelta(minutes=n),
            )  # fmt: skip
            message.search_text = search_text(message)
            rows.append(message)
        with transaction.atomic():
            Message.objects.append(rows)
    for room, seq in zip(rooms, seqs, strict=True):
        room.head = seq
    Room.objects.bulk_update(rooms, ["head"], batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def sentences(chance: random.Random) -> Iterator[str]:
    """Every 20th is Japanese or Chinese, every 20th Russian."""
    syllables = SYLLABLES.split()
    words = ["".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(VOCABULARY)]
    weights = list(itertools.accumulate(1 / (n + 1) for n in range(VOCABULARY)))
    for n in itertools.count():
        if n % 20 == 3:
            yield "".join(chance.choices(HAN, k=14))
        elif n % 20 == 13:
            yield " ".join(chance.choices(CYRILLIC.split(), k=5))
        else:
            yield " ".join(chance.choices(words, cum_weights=weights, k=WORDS_PER_MESSAGE))
