"""A person's own page: the name, the time zone and the language."""

import pytest
from django.test import override_settings

from chat.models import User

pytestmark = pytest.mark.django_db


def test_a_person_changes_the_display_name_and_the_guard_against_look_alikes_holds(client, alice, bob):
    client.force_login(alice)
    assert client.post("/accounts/profile/", {"name": "Alicia"}).status_code == 302
    alice.refresh_from_db()
    assert alice.name == "Alicia" and alice.renamed_at
    for taken in ("B0b", "Administrator", "", "x" * 41):
        answer = client.post("/accounts/profile/", {"name": taken})
        assert answer.status_code == 422 and b"field-error" in answer.content
    alice.refresh_from_db()
    assert alice.name == "Alicia"


def test_a_name_changes_a_few_times_and_then_the_person_has_to_wait(client, alice):
    client.force_login(alice)
    answers = [client.post("/accounts/profile/", {"name": f"Alice {n}"}).status_code for n in range(6)]
    assert answers == [302] * 5 + [429]


def test_a_site_moderator_may_have_a_reserved_name_and_others_may_not(client, alice):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client.force_login(alice)
    assert client.post("/accounts/profile/", {"name": "Moderator Alice"}).status_code == 302


def test_pages_use_the_chosen_time_zone_before_that_of_the_browser(client, alice):
    client.force_login(alice)
    client.cookies["zone"] = "Asia/Jakarta"
    page = client.get("/accounts/profile/").content.decode()
    assert "As in the browser (Asia/Jakarta)" in page and "+07:00" in page and "data-zone" not in page
    answer = client.post("/accounts/profile/preferences/", {"time_zone": "America/New_York"})
    assert answer.status_code == 302
    page = client.get("/accounts/profile/").content.decode()
    assert 'data-zone="America/New_York"' in page and ("-04:00" in page or "-05:00" in page)
    client.logout()
    assert "-05:00" not in client.get("/accounts/login/").content.decode()
    client.force_login(alice)
    assert client.post("/accounts/profile/preferences/", {"time_zone": "../etc"}).status_code == 422


def test_the_language_is_a_choice_once_there_are_two(client, alice):
    client.force_login(alice)
    assert b"Language" not in client.get("/accounts/profile/").content
    with override_settings(LANGUAGES=[("en", "English"), ("id", "Bahasa Indonesia")]):
        assert b"Bahasa Indonesia" in client.get("/accounts/profile/").content
        client.post("/accounts/profile/preferences/", {"time_zone": "", "language": "id"})
    alice.refresh_from_db()
    assert alice.language == "id"


def test_the_pages_ask_visitors_to_log_in_and_guests_see_what_they_can_use(client, alice):
    for page in ("profile", "devices", "data", "delete"):
        answer = client.get(f"/accounts/{page}/")
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next=")
    client.force_login(User.objects.create(username="guest:ayu", name="Ayu", is_guest=True))
    profile = client.get("/accounts/profile/").content
    assert b"Keep this name" in profile and b"/accounts/devices/" not in profile
    assert client.get("/accounts/devices/").status_code == 403
    client.force_login(alice)
    assert b"Keep this name" not in client.get("/accounts/profile/").content


@pytest.mark.django_db
def test_the_email_address_changes_with_the_password_only(client, alice):
    alice.set_password("a long secret")
    alice.save()
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    address, new = "/accounts/profile/email/", "alice@example.org"
    answer = client.post(address, {"email": new, "password": "wrong"})
    assert "This is not your password." in answer.text and User.objects.get(pk=alice.pk).email == ""
    assert client.post(address, {"email": "nowhere", "password": "a long secret"}).status_code == 422
    assert client.post(address, {"email": new, "password": "a long secret"}).status_code == 302
    assert User.objects.get(pk=alice.pk).email == new and new in client.get("/accounts/profile/").text
    client.post(address, {"email": "", "password": "a long secret"})
    assert User.objects.get(pk=alice.pk).email == ""
