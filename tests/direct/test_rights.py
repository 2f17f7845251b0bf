"""A direct conversation exists for its people only, and has none of the pages of a room's owner."""

import pytest

from chat.actions import reports
from chat.actions.moderation import view_private
from chat.models import Case, Membership, User
from tests.admin.test_private_rooms import SECRET
from tests.wire import Closed, signed_in

PAGES = (
    "", "about/", "leave/", "messages/", "people/", "rules/", "moderation/", "log/", "1/", "1/versions/",
    "1/reactions/", "1/report/", "1/moderate/", "people/{0}/report/", "people/{0}/moderate/",
)  # fmt: skip
OF_ROOMS = ("leave/", "rules/", "moderation/", "log/", "1/moderate/", "people/{0}/moderate/")
FORMS = (
    "",
    "edit/",
    "leave/",
    "members/",
    "members/{0}/remove/",
    "rules/",
    "moderation/mode/",
    "1/moderate/",
)


@pytest.mark.django_db
@pytest.mark.parametrize("staff", [False, True], ids=["person", "administrator"])
def test_all_its_addresses_are_404_for_others(pair, charlie, alice, say, log_in, staff):
    say(pair, alice, SECRET)
    User.objects.filter(pk=charlie.pk).update(is_staff=staff, is_superuser=staff)
    client = log_in(charlie)
    for page in PAGES:
        assert client.get(f"/rooms/{pair.slug}/{page.format(alice.pk)}").status_code == 404, page
    for form in FORMS:
        assert client.post(f"/rooms/{pair.slug}/{form.format(alice.pk)}").status_code == 404, form
    assert pair.slug not in client.get("/").content.decode()
    client.logout()
    assert client.get(f"/rooms/{pair.slug}/")["Location"].startswith("/accounts/login/")


@pytest.mark.django_db
@pytest.mark.parametrize("staff", [False, True], ids=["person", "administrator"])
def test_its_people_have_no_pages_of_moderators_in_it(pair, alice, bob, say, log_in, staff):
    say(pair, bob, "Hello")
    User.objects.filter(pk=alice.pk).update(is_staff=staff, is_superuser=staff)
    client = log_in(alice)
    for page in OF_ROOMS:
        assert client.get(f"/rooms/{pair.slug}/{page.format(bob.pk)}").status_code == 404, page
    for page in {*PAGES} - {*OF_ROOMS}:
        assert client.get(f"/rooms/{pair.slug}/{page.format(bob.pk)}").status_code == 200, page
    assert client.post(f"/rooms/{pair.slug}/edit/", {"name": "Ours"}).status_code == 404
    assert client.post(f"/rooms/{pair.slug}/members/{bob.pk}/remove/").status_code == 404
    page = client.get(f"/rooms/{pair.slug}/").content.decode()
    assert "<title>Bob · Obrolan</title>" in page and 'data-moderates="false"' in page
    about = client.get(f"/rooms/{pair.slug}/about/").content.decode()
    assert "Edit room" not in about and "Leave" not in about and "Add a member" not in about


async def test_a_socket_of_somebody_else_is_refused_and_that_of_a_removed_person_closed(
    server, pair, alice, bob, charlie
):
    async with signed_in(server, charlie).open(pair.slug) as socket:
        with pytest.raises(Closed, match="no_room"):
            await socket.hello()
    async with signed_in(server, alice).open(pair.slug) as socket:
        await socket.hello()
        Membership.objects.filter(room=pair, user=alice).delete()
        assert (await socket.expect("error"))["code"] == "removed"


@pytest.mark.django_db
def test_a_reported_message_is_a_case_of_the_site_which_needs_a_reason(pair, alice, bob, say, log_in):
    (message,) = say(pair, bob, SECRET)
    reports.report_message(message, by=alice, reason="abuse")
    mara = User.objects.create_user("mara", name="Mara", is_staff=True)
    client, case = log_in(mara), Case.objects.get()
    pages = ["/admin/", "/admin/chat/message/?words=treasure", f"/admin/chat/message/{message.pk}/change/"]
    for page in pages:
        assert SECRET not in client.get(page).content.decode(), page
    view_private(pair, by=mara, reason="A report")
    client.post(f"/admin/chat/room/{pair.pk}/open/", {"reason": "A report"})
    assert SECRET in client.get(f"/admin/chat/message/{message.pk}/change/").content.decode()
    assert case.room == pair
    client.post("/admin/chat/membership/add/", {"room": pair.pk, "user": mara.pk, "role": "member"})
    assert not Membership.objects.filter(room=pair, user=mara).exists()
