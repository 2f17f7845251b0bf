"""One-use links: the link for the first administrator, and invitations."""

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


def test_the_first_link_creates_the_administrator_and_works_only_once(client):
    link = first_link()
    assert client.get(link).status_code == 200
    assert submit(client, link, username="rut").status_code == 302
    rut = User.objects.get()
    assert rut.is_superuser and rut.is_staff and client.session["_auth_user_id"] == str(rut.pk)
    assert client.get("/admin/").status_code == 200
    assert client.get(link).status_code == 410
    assert submit(client, link, username="eve").status_code == 410
    assert User.objects.count() == 1


def test_an_administrator_may_take_a_reserved_name(client):
    link = first_link()
    assert submit(client, link, username="admin").status_code == 302
    assert User.objects.get().name == "admin"


def test_a_new_first_link_invalidates_the_older_one(client):
    older, newer = first_link(), first_link()
    assert client.get(older).status_code == 410
    assert client.get(newer).status_code == 200


def test_once_an_administrator_exists_no_first_link_is_printed_and_an_unused_one_is_refused(client):
    link = first_link()
    User.objects.create_superuser("rut")
    assert printed_output() == ""
    assert submit(client, link, username="eve").status_code == 410
    assert not User.objects.filter(username="eve").exists()


def test_the_first_link_has_the_public_url_of_the_site(settings):
    assert "http://127.0.0.1:8123/accounts/first/" in printed_output(host="127.0.0.1", port="8123")
    assert "http://[::1]:8000/accounts/first/" in printed_output(host="::1", port="8000")
    settings.CSRF_TRUSTED_ORIGINS = ["https://chat.example.org"]
    assert "https://chat.example.org/accounts/first/" in printed_output(host="0.0.0.0", port="8000")


def test_the_token_of_a_link_is_not_stored_in_the_database():
    token = first_link().split("/")[-2]
    assert token not in str(list(Invitation.objects.values()))


def test_an_invitation_creates_one_account(client, alice, settings):
    settings.OBROLAN_SIGNUP = "invite"
    link = invitation(alice)
    assert submit(client, link, username="dewi").status_code == 302
    dewi = User.objects.get(username="dewi")
    assert not dewi.is_staff and not dewi.is_superuser
    assert Invitation.objects.get().used_by == dewi
    assert submit(Client(), link, username="eve").status_code == 410


def test_a_form_error_does_not_use_the_invitation_up(client, alice):
    link = invitation(alice)
    assert submit(client, link, username="dewi", name="Alice").status_code == 422
    assert submit(client, link, username="dewi", name="Dewi").status_code == 302


def test_an_expired_invitation_is_refused(client, alice):
    link = invitation(alice)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(link).status_code == 410


def test_an_invitation_is_no_administrator_link_and_the_other_way_round(client, alice):
    link = invitation(alice).replace("invite", "first")
    assert submit(client, link, username="eve").status_code == 410
    assert submit(client, first_link().replace("first", "invite"), username="eve").status_code == 410


def test_invitations_are_refused_when_sign_up_is_closed(client, alice, settings):
    settings.OBROLAN_SIGNUP = "closed"
    assert client.get(invitation(alice)).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_one_of_two_simultaneous_uses_of_a_link_succeeds():
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


def printed_output(**options):
    out = StringIO()
    call_command("first_admin_link", stdout=out, **options)
    return out.getvalue()


def first_link():
    return re.search(r"http://localhost(/accounts/first/\S+/)", printed_output())[1]


def invitation(by):
    return f"/accounts/invite/{invitations.invite(by=by)}/"


def submit(client, link, **fields):
    return client.post(link, {"name": "", "email": "", "password": PASSWORD, **fields})
