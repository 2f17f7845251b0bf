"""Many people who enter a new public room at the same moment meet in one room."""

import asyncio

from chat.models import Membership, Room, User
from tests.wire import Person, signed_in

PEOPLE = 20
ROUNDS = 5


async def test_people_who_enter_a_new_room_at_the_same_moment_meet_in_one(site, stack):
    """Repeat it: the requests do not overlap in every round, and from the second on they have a session."""
    servers = [site.start() for _ in range(2 if stack.full else 1)]  # SQLite serves one process
    people = [Person(servers[number % len(servers)]) for number in range(PEOPLE)]
    await asyncio.gather(*(person.token("/") for person in people))
    for turn in range(ROUNDS):
        spellings = [f"Kelas {turn}", f"kelas {turn}", f"KELAS  {turn}", f"Ｋelas {turn}"]
        answers = await asyncio.gather(
            *(
                person.submit("/", username=f"Murid {number + 1}", room=spellings[number % len(spellings)])
                for number, person in enumerate(people)
            )
        )
        assert [answer.status_code for answer in answers] == [302] * PEOPLE
        assert {answer.headers["location"] for answer in answers} == {f"/rooms/kelas-{turn}/"}
    assert Room.objects.count() == ROUNDS and User.objects.count() == PEOPLE
    assert Membership.objects.filter(role=Membership.OWNER).count() == ROUNDS
    assert Membership.objects.count() == ROUNDS * PEOPLE


async def test_of_simultaneous_requests_to_create_the_same_room_one_succeeds(site, stack, alice, bob):
    servers = [site.start() for _ in range(2 if stack.full else 1)]
    creators = [signed_in(servers[number % len(servers)], (alice, bob)[number % 2]) for number in range(8)]
    fields = {"name": "Kelas 7", "topic": "", "kind": "public"}
    tokens = await asyncio.gather(*(creator.token("/rooms/new/") for creator in creators))
    answers = await asyncio.gather(
        *(
            creator.http.post("/rooms/new/", data={"csrfmiddlewaretoken": token, **fields})
            for creator, token in zip(creators, tokens, strict=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [302] + [422] * 7
    refused = next(answer for answer in answers if answer.status_code == 422)
    assert 'href="/rooms/kelas-7/"' in refused.text
    assert Room.objects.count() == 1
