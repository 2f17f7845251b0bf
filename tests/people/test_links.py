"""One-use links: the first administrator's, invitations, and new passwords from an administrator."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from chat.actions import invitations
from chat.models import Invitation, User
from chat.refusals import Refusal

pytestmark = pytest.mark.django_db
PASSWORD = "a quiet pond 7"


def test_the_first_link_makes_the_administrator_and_is_worthless_afterwards(client):
    link = first_link()
    assert client.get(link).status_code == 200
    assert fill(client, link, username="rut").status_code == 302
    rut = User.objects.get()
    assert rut.is_superuser and rut.is_staff and client.session["_auth_user_id"] == str(rut.pk)
    assert client.get("/admin/").status_code == 200
    assert client.get(link).status_code == 410
    assert fill(client, link, username="eve").status_code == 410
    assert User.objects.count() == 1


def test_the_administrator_may_be_called_administrator(client):
    link = first_link()
    assert fill(client, link, username="admin").status_code == 302
    assert User.objects.get().name == "admin"


def test_a_new_start_makes_the_older_first_link_void(client):
    older, newer = first_link(), first_link()
    assert client.get(older).status_code == 410
    assert client.get(newer).status_code == 200


def test_with_an_administrator_no_first_link_is_made_and_an_open_one_is_dead(client):
    link = first_link()
    User.objects.create_superuser("rut")
    assert printed() == ""
    assert fill(client, link, username="eve").status_code == 410
    assert not User.objects.filter(username="eve").exists()


def test_the_first_link_names_the_address_that_people_use(settings):
    assert "http://127.0.0.1:8123/accounts/first/" in printed(host="127.0.0.1", port="8123")
    assert "http://[::1]:8000/accounts/first/" in printed(host="::1", port="8000")
    settings.CSRF_TRUSTED_ORIGINS = ["https://chat.example.org"]
    assert "https://chat.example.org/accounts/first/" in printed(host="0.0.0.0", port="8000")


def test_a_link_is_not_kept_where_a_backup_would_show_it():
    token = first_link().split("/")[-2]
    assert token not in str(list(Invitation.objects.values()))


def test_an_invitation_makes_one_account(client, alice, settings):
    settings.OBROLAN_SIGNUP = "invite"
    link = invitation(alice)
    assert fill(client, link, username="dewi").status_code == 302
    dewi = User.objects.get(username="dewi")
    assert not dewi.is_staff and not dewi.is_superuser
    assert Invitation.objects.get().used_by == dewi
    assert fill(Client(), link, username="eve").status_code == 410


def test_a_mistake_does_not_use_the_link_up(client, alice):
    link = invitation(alice)
    assert fill(client, link, username="dewi", name="Alice").status_code == 422
    assert fill(client, link, username="dewi", name="Dewi").status_code == 302


def test_an_invitation_is_worth_nothing_after_a_week(client, alice):
    link = invitation(alice)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(link).status_code == 410


def test_an_invitation_does_not_make_an_administrator(client, alice):
    link = invitation(alice).replace("invite", "first")
    assert fill(client, link, username="eve").status_code == 410
    assert fill(client, first_link().replace("first", "invite"), username="eve").status_code == 410


def test_a_closed_place_honours_no_invitation(client, alice, settings):
    settings.OBROLAN_SIGNUP = "closed"
    assert client.get(invitation(alice)).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_a_link_at_the_same_moment_one_gets_the_account():
    token = invitations.invite_first_administrator()

    def accept(username):
        try:
            return invitations.accept(
                token, administrator=True, username=username, password=PASSWORD
            ).username
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(accept, ["rut", "eve"]))
    assert sorted(results)[0] in ("eve", "link_spent") and results.count("link_spent") == 1
    assert User.objects.filter(is_superuser=True).count() == 1


def printed(**address):
    out = StringIO()
    call_command("first_admin_link", stdout=out, **address)
    return out.getvalue()


def first_link():
    return re.search(r"http://localhost(/accounts/first/\S+/)", printed())[1]


def invitation(by):
    return f"/accounts/invite/{invitations.invite(by=by)}/"


def fill(client, link, **fields):
    return client.post(link, {"name": "", "email": "", "password": PASSWORD, **fields})
