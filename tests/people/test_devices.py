"""Devices: where a person is logged in, and logging out there."""

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from chat.models import Device
from chat.views import agents, devices
from tests.wire import WITHIN, signed_in

LOG_IN_AGAIN = 4401
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"


@pytest.fixture(autouse=True)
def noted_devices():
    """Override: these tests note devices."""
    devices._noted.clear()


def key_of(client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit Chrome/120.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/120 Safari/537.36 Edg/120.0",
            "Edge on macOS",
        ),
        ("curl/8.0", "Another program"),
        ("", "Another program"),
        ("x" * 100_000 + "Firefox", "Another program"),
    ],
)
def test_a_browser_and_its_system_are_told_in_words(header, words):
    assert agents.in_words(header) == words


@pytest.mark.parametrize(
    ("ip", "place"),
    [("203.0.113.9", "203.0.…"), ("2001:db8:1:2::3", "2001:db8:…"), ("unknown", "")],
)
def test_only_the_first_part_of_an_address_is_kept(ip, place):
    assert agents.place_of(ip) == place


@pytest.mark.django_db
class TestPages:
    @pytest.fixture(autouse=True)
    def logged_in(self, client, alice):
        alice.set_password("a quiet pond 7")
        alice.save()
        client.force_login(alice)
        client.get("/accounts/devices/", headers={"user-agent": FIREFOX})

    @pytest.fixture
    def elsewhere(self, alice):
        other = Client(headers={"user-agent": "Mozilla/5.0 (Linux; Android 14) Chrome/120.0"})
        form = {"username": "alice", "password": "a quiet pond 7"}
        assert other.post("/accounts/login/", form).status_code == 302
        return other

    def test_a_login_is_listed_at_once_even_if_no_page_follows(self, client, elsewhere):
        page = client.get("/accounts/devices/").content.decode()
        assert "Firefox on Windows" in page and "Chrome on Android" in page and "127.0.…" in page
        assert page.index("This device") < page.index("Chrome on Android")
        assert page.count("Log out there") == 1 and key_of(elsewhere) not in page

    def test_logging_out_there_ends_that_session_only(self, client, elsewhere, bob):
        device = Device.objects.get(session_key=key_of(elsewhere))
        stranger = Client()
        stranger.force_login(bob)
        stranger.post(f"/accounts/devices/{device.pk}/")
        assert elsewhere.get("/accounts/profile/").status_code == 200
        assert client.post(f"/accounts/devices/{device.pk}/").status_code == 302
        assert elsewhere.get("/accounts/profile/").status_code == 302
        assert client.get("/accounts/profile/").status_code == 200

    def test_logging_out_everywhere_else_keeps_this_device(self, client, elsewhere, alice):
        client.post("/accounts/devices/others/")
        assert elsewhere.get("/accounts/profile/").status_code == 302
        assert client.get("/accounts/devices/").content.count(b"device-name") == 1
        assert Device.objects.filter(user=alice).count() == Session.objects.count() == 1

    def test_a_page_soon_after_another_takes_no_query_for_the_device(
        self, client, django_assert_max_num_queries
    ):
        with django_assert_max_num_queries(2):  # the session and the user
            client.get("/accounts/signup/")

    def test_a_new_password_logs_out_the_others_and_the_page_forgets_them(self, client, elsewhere):
        new = {"new_password1": "another pond 8", "new_password2": "another pond 8"}
        client.post("/accounts/password_change/", {"old_password": "a quiet pond 7", **new})
        assert elsewhere.get("/accounts/profile/").status_code == 302
        page = client.get("/accounts/devices/").content
        assert page.count(b"device-name") == 1 and b"This device" in page


async def test_logging_out_there_closes_the_sockets_of_that_device(server, alice, kitchen):
    here, elsewhere = signed_in(server, alice), signed_in(server, alice)
    async with here.open("kitchen") as staying, elsewhere.open("kitchen") as leaving:
        await staying.hello()
        await leaving.hello()
        for person in (here, elsewhere):
            assert (await person.get("/accounts/devices/")).status_code == 200
        key = elsewhere.http.cookies[settings.SESSION_COOKIE_NAME]
        device = Device.objects.get(session_key=key)
        token = await here.token("/accounts/devices/")
        await here.http.post(f"/accounts/devices/{device.pk}/", data={"csrfmiddlewaretoken": token})
        assert await leaving.closed(WITHIN) == LOG_IN_AGAIN
        await staying.post("still here")
