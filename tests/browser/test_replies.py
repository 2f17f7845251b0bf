"""Replies: the bar above the composer, the quotes of messages, and the way to the original and back."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from chat.models import User

pytestmark = pytest.mark.once


def reply_to(visitor, text):
    """Focus a message and press R."""
    row = visitor.message(text)
    row.evaluate("row => { row.tabIndex = -1; row.focus(); }")
    visitor.page.keyboard.press("r")
    expect(visitor.page.locator("#text")).to_be_focused()
    return bar(visitor)


def bar(visitor):
    return visitor.page.locator("[data-replying]")


def quote(visitor, text):
    return (
        visitor.page.locator(".message")
        .filter(has=visitor.page.locator(".words").get_by_text(text))
        .locator(".quote")
    )


def run(visitor, command, **fields):
    """Send a command over the page's own connection, as the message menu does."""
    visitor.page.evaluate(
        """([type, fields]) => new Promise((resolve) => {
          const socket = new WebSocket(location.href.replace("http", "ws").replace("/rooms/", "/ws/rooms/"));
          socket.onopen = () => socket.send(JSON.stringify({ type: "hello", since: null, epoch: null }));
          socket.onmessage = ({ data }) => {
            for (const event of JSON.parse(data)) {
              if (event.type === "synced") socket.send(JSON.stringify({ type, id: "1", ...fields }));
              if (event.type === "ack") resolve(socket.close());
            }
          };
        })""",
        [command, fields],
    )


def test_a_reply_shows_its_original_on_both_screens(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    budi = visitor().join_as_guest("Budi", "kitchen")
    ayu.send_message("Is *anybody* hungry?")
    budi.see_message("Is anybody hungry?")
    expect(reply_to(budi, "Is anybody hungry?")).to_have_text(
        re.compile(r"Replying to\s+Ayu\s+Is anybody hungry\?")
    )
    budi.send_message("Always")
    expect(bar(budi)).to_be_hidden()
    for one in (ayu, budi):
        one.see_message("Always").see_nothing_pending()
        expect(quote(one, "Always")).to_have_text(re.compile(r"In reply to\s+Ayu\s+Is anybody hungry\?"))
    before = quote(ayu, "Always").evaluate("link => link.outerHTML.replaceAll(/>\\s+</g, '><')")
    ayu.page.reload()
    ayu.wait_for_room()
    after = quote(ayu, "Always").evaluate("link => link.outerHTML.replaceAll(/>\\s+</g, '><')")
    assert sorted(re.split(r"[ >]", before)) == sorted(re.split(r"[ >]", after))  # attributes in any order


def test_a_reply_is_cancelled_by_escape_and_by_its_button(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    ayu.send_message("One").see_message("One").see_nothing_pending()
    ayu.write("Half a thou")
    reply_to(ayu, "One")
    expect(bar(ayu)).to_be_visible()
    ayu.page.keyboard.press("Escape")
    expect(bar(ayu)).to_be_hidden()
    reply_to(ayu, "One")
    ayu.page.get_by_role("button", name="Cancel the reply").click()
    expect(bar(ayu)).to_be_hidden()
    expect(ayu.page.locator("#text")).to_be_focused()
    expect(ayu.page.locator("#text")).to_have_value("Half a thou")
    ayu.page.keyboard.press("Enter")
    ayu.see_message("Half a thou")
    expect(quote(ayu, "Half a thou")).to_be_hidden()


def test_quotes_and_the_reply_bar_follow_the_original(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    budi = visitor().join_as_guest("Budi", "kitchen")
    ayu.send_message("Tea at four")
    budi.see_message("Tea at four")
    reply_to(budi, "Tea at four")
    budi.send_message("Fine")
    ayu.see_message("Fine")
    reply_to(budi, "Tea at four")
    run(ayu, "edit", seq=1, text="Tea at **five**")
    for text in (quote(ayu, "Fine"), quote(budi, "Fine"), bar(budi)):
        expect(text).to_contain_text("Tea at five")
    run(ayu, "delete", seq=1)
    for text in (quote(ayu, "Fine"), quote(budi, "Fine"), bar(budi)):
        expect(text).to_have_text(re.compile(r"Ayu\s+Deleted"))
    budi.send_message("But why?")
    ayu.see_message("But why?")
    expect(quote(ayu, "But why?")).to_contain_text("Deleted")
    run(ayu, "restore", seq=1)
    for one in (ayu, budi):
        expect(quote(one, "But why?")).to_contain_text("Tea at five")


def test_quotes_follow_changes_that_were_missed_offline(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    budi = visitor().join_as_guest("Budi", "kitchen")
    ayu.send_message("Before")
    budi.see_message("Before")
    reply_to(budi, "Before")
    budi.send_message("Noted")
    ayu.see_message("Noted")
    reply_to(budi, "Before")
    budi.go_offline()
    run(ayu, "edit", seq=1, text="After")
    budi.send_message("Sent offline").see_pending("Sent offline")
    expect(quote(budi, "Sent offline")).to_contain_text("Before")
    budi.go_online()
    budi.see_nothing_pending()
    for text in ("Noted", "Sent offline"):
        expect(quote(budi, text)).to_have_text(re.compile(r"Ayu\s+After"))
        expect(quote(ayu, text)).to_have_text(re.compile(r"Ayu\s+After"))


def test_a_quote_shows_the_new_name_of_its_author(visitor, alice, bob, kitchen):
    reader = visitor().log_in(alice).join_room("kitchen")
    writer = visitor().log_in(bob).join_room("kitchen")
    writer.send_message("Hello")
    reader.see_message("Hello")
    reply_to(reader, "Hello")
    reader.send_message("Welcome").see_message("Welcome").see_nothing_pending()
    reply_to(reader, "Hello")
    User.objects.filter(pk=bob.pk).update(name="Robert")
    expect(quote(reader, "Welcome")).to_contain_text("Robert")
    expect(bar(reader)).to_contain_text("Robert")


def test_a_refused_reply_that_is_edited_is_still_a_reply(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    ayu.send_message("One").see_message("One").see_nothing_pending()
    reply_to(ayu, "One")
    ayu.send_message("abc\u202edef")
    expect(ayu.page.locator(".failure")).to_contain_text("character that cannot be shown")
    expect(quote(ayu, "abc")).to_contain_text("One")
    ayu.page.reload()
    ayu.wait_for_room()
    expect(quote(ayu, "abc")).to_contain_text("One")
    ayu.page.get_by_role("button", name="Edit").click()
    expect(bar(ayu)).to_contain_text("Replying to Ayu")
    ayu.send_message("Two").see_message("Two").see_nothing_pending()
    expect(quote(ayu, "Two")).to_contain_text("One")


@pytest.fixture
def long_room(alice, bob, kitchen):
    """A room whose latest message quotes one that is far above."""
    from chat.actions.messages import Draft, post
    from chat.actions.reading import mark_read

    texts = [f"Message {number}" for number in range(1, 301)]
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), text) for text in texts])
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), "See above", reply_to=10)])
    mark_read({(kitchen.pk, alice.pk): 301})
    return kitchen


def test_a_quote_leads_to_an_original_that_is_not_loaded_and_back(visitor, alice, long_room):
    reader = visitor().log_in(alice).join_room("kitchen")
    page = reader.page
    page.evaluate("window.sameDocument = true")
    quote(reader, "See above").click()
    found = page.locator("#message-10")
    expect(found).to_be_focused()
    expect(found).to_be_in_viewport()
    expect(found).to_have_class(re.compile("found"))
    expect(page.get_by_role("button", name="Latest messages")).to_be_visible()
    page.get_by_role("button", name="Back to where you were").click()
    expect(page.locator("#message-301")).to_be_focused()
    expect(page.locator("#message-301")).to_be_in_viewport()
    assert page.evaluate("window.sameDocument")


def test_a_quote_leads_to_an_original_on_the_page(visitor, alice, bob, kitchen):
    reader = visitor(viewport={"width": 800, "height": 400}).log_in(alice).join_room("kitchen")
    for text in [f"Line {number}" for number in range(20)]:
        reader.send_message(text).see_message(text)
    reader.see_nothing_pending()
    reply_to(reader, "Line 0")
    reader.send_message("Yes").see_message("Yes").see_nothing_pending()
    quote(reader, "Yes").click()
    expect(reader.message("Line 0")).to_be_focused()
    expect(reader.message("Line 0")).to_be_in_viewport()
    reader.page.get_by_role("button", name="Back to where you were").click()
    expect(reader.message("Yes")).to_be_focused()
    expect(reader.page.get_by_role("button", name="Back to where you were")).to_be_hidden()


def test_an_original_that_cannot_be_loaded_is_answered_in_words(visitor, alice, long_room):
    reader = visitor().log_in(alice).join_room("kitchen")
    reader.page.route("**/messages/?around=*", lambda route: route.abort())
    quote(reader, "See above").click()
    expect(reader.page.locator("[data-answer]")).to_contain_text("That message could not be loaded.")
    reader.see_message("See above")


def test_a_quote_is_a_link_without_scripts(visitor, alice, long_room):
    reader = visitor(java_script_enabled=False).log_in(alice)
    reader.page.goto("/rooms/kitchen/")
    quote(reader, "See above").click()
    expect(reader.page).to_have_url(re.compile("/rooms/kitchen/10/$"))
    expect(reader.page.locator(".message.target")).to_contain_text("Message 10")


def test_a_reply_to_an_older_page_survives_a_reload(visitor, alice, bob, long_room):
    from chat.actions.changes import Edit
    from chat.actions.messages import post

    reader = visitor().log_in(alice)
    reader.page.goto("/rooms/kitchen/10/")
    reader.wait_for_room()
    reply_to(reader, "Message 10")
    reader.write("I agree")
    reader.page.goto("/")
    post([Edit(long_room.pk, bob.pk, 10, "Changed since")])
    reader.join_room("kitchen")
    expect(reader.page.locator("#text")).to_have_value("I agree")
    expect(bar(reader)).to_have_text(re.compile(r"Replying to\s+Bob\s+Changed since"))
    reader.page.locator("#text").press("Enter")
    reader.see_message("I agree").see_nothing_pending()
    expect(quote(reader, "I agree")).to_contain_text("Changed since")
