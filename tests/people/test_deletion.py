"""Deleting people, also while their rows change."""

import threading
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import close_old_connections, connections

from chat.actions import people
from chat.actions.messages import Draft, post
from chat.live.feeds import presence_rows
from chat.models import Room, User
from chat.refusals import Refusal

GUESTS = 60


@pytest.fixture
def root(transactional_db):
    return User.objects.create_superuser("root")


@contextmanager
def written_all_the_time(room, guests):
    """Write the guests' presence again and again in another thread, as a heartbeat would."""
    done, failures, process = threading.Event(), [], uuid4()

    def write():
        try:
            while not done.is_set():
                for guest in guests:
                    presence_rows.store(process, [(room.pk, guest.pk)], ())
        except Exception as error:
            failures.append(error)
        finally:
            close_old_connections()
            connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    assert not failures


def test_guests_whose_presence_is_written_at_this_moment_can_be_deleted(root):
    room = Room.objects.create(slug="kitchen", name="Kitchen")
    guests = [
        User.objects.create(username=f"guest:{n}", name=f"Ayu {n}", is_guest=True) for n in range(GUESTS)
    ]
    with written_all_the_time(room, guests):
        for guest in guests:
            people.delete(guest, by=root)
    assert not User.objects.guests().exists()


def test_people_who_wrote_a_message_are_not_deleted(root):
    room = Room.objects.create(slug="kitchen", name="Kitchen")
    ayu = User.objects.create(username="guest:ayu", name="Ayu", is_guest=True)
    post([Draft(room.pk, ayu.pk, uuid4(), "hello")])
    with pytest.raises(Refusal, match="Deactivate the account instead"):
        people.delete(ayu, by=root)
    assert User.objects.filter(pk=ayu.pk).exists()
