"""The kinds of token buckets: how much one person or one IP address may spend, a second and at once."""

from typing import NamedTuple

from django.conf import settings

MIN_PEOPLE = 200  # behind one IP address, even if it may have fewer sockets


class Kind(NamedTuple):
    """The rate and burst of the buckets of one kind."""

    rate: float  # tokens a second
    burst: float  # tokens at once
    refusal: str = "too_fast"  # code of chat.refusals


def kinds() -> dict[str, Kind]:
    """Every kind of bucket, by name.

    A whole school may share an IP address. `people` is the number of people behind it if each has one socket,
    `few_people` if each has as many as allowed.
    """
    rate, burst = settings.OBROLAN_POST_RATE, float(settings.OBROLAN_POST_BURST)
    sockets = float(settings.OBROLAN_SOCKETS_PER_ADDRESS)
    few_people = max(1.0, sockets / settings.OBROLAN_SOCKETS_PER_PERSON)
    people = max(MIN_PEOPLE, sockets)
    return {
        "post.person": Kind(rate, burst),
        "post.ip": Kind(rate * few_people, burst * few_people),
        # All tabs of a person reconnect when a process restarts, and again when the next one does.
        "open.person": Kind(2, 6.0 * settings.OBROLAN_SOCKETS_PER_PERSON),
        "open.ip": Kind(people / 5, people * 5),
        # Refused sockets that are opened to send the error. Beyond this, the handshake is answered with 429.
        "refused_open.ip": Kind(people / 20, people / 4),
        # A catch-up from the database reads up to 128 KiB, which costs 9 tokens.
        "catch_up.person": Kind(2, 3.0 * settings.OBROLAN_SOCKETS_PER_PERSON),
        "catch_up.ip": Kind(2 * few_people, 3.0 * sockets),
        # Five pages of history, that is 500 messages, a second.
        "page.person": Kind(5, 100, "too_many_requests"),
        # A person who enters loads about four pages. Everybody may enter within a minute.
        "page.ip": Kind(people / 10, people * 1.5, "too_many_requests"),
        # The quick switcher asks at most every 150 ms while a person types a name.
        "switch.person": Kind(3, 40, "too_many_requests"),
        # One form takes a person at least two seconds.
        "write.person": Kind(0.5, 30, "too_many_changes"),
        "write.ip": Kind(people / 40, people, "too_many_changes"),
        # As many people as may have sockets enter at the same moment.
        "newcomer.ip": Kind(0.5, sockets, "too_many_newcomers"),
        # A class of 30 logs in at the same moment, each with one typing error. A hash takes 0.25 s of a core.
        "hash.ip": Kind(people / 400, people * 0.3, "too_many_attempts"),
        # The first user of a new site creates its rooms.
        "room.person": Kind(1 / 60, 10, "too_many_rooms"),
        # Each of a class of 30 creates a room in the same lesson.
        "room.ip": Kind(3 / 60, max(40, few_people * 2), "too_many_rooms"),
        # Nobody can address a whole site. A person answers a class of 20 at once.
        "direct.person": Kind(20 / 3600, 20, "too_many_direct"),
        "direct.ip": Kind(20 * few_people / 3600, 20 * few_people, "too_many_direct"),
        # Cards are opened one by one.
        "card.person": Kind(1, 60, "too_many_requests"),
        # Somebody who is insulted reports several messages at once. A report is read by a person.
        "report.person": Kind(10 / 3600, 10, "too_many_reports"),
        # A class of 30 in which everybody reports something.
        "report.ip": Kind(40 / 3600, max(40, few_people * 2), "too_many_reports"),
        # A search takes up to 100 ms of the database, a suggestion for a filter less. One for each key typed.
        "search.person": Kind(1, 30, "too_many_searches"),
        "search.ip": Kind(few_people, 30 * few_people, "too_many_searches"),
        # Wrong tokens of invite links. A person copies an incomplete address a few times.
        "guess.ip": Kind(1 / 30, max(20, few_people), "too_many_guesses"),
        # A new name is announced in each room that knows the person.
        "rename.person": Kind(1 / 300, 5, "too_many_renames"),
        # Decoding a picture takes up to half a second of a core. A person tries a few.
        "picture.person": Kind(1 / 120, 5, "too_many_pictures"),
        # The page of a room may show a hundred people whose pictures the browser does not have yet.
        "shown_picture.person": Kind(20, 400, "too_many_requests"),
        "shown_picture.ip": Kind(people, people * 40, "too_many_requests"),
        # It reads all messages of a person.
        "download.person": Kind(3 / 3600, 3, "too_many_downloads"),
        # A person repeats the request when the first mail does not arrive.
        "mail.address": Kind(1 / 1200, 3, "too_many_mails"),
        "confirm.address": Kind(3 / 86_400, 3, "too_many_confirmations"),
        "confirm.ip": Kind(1 / 60, max(20, few_people), "too_many_confirmations"),
        "mail.ip": Kind(1 / 60, max(20, few_people), "too_many_mails"),
    }
