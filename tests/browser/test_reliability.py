"""No message is lost or sent twice when the browser goes offline, reloads, sleeps or opens several tabs."""

import re
import time

import pytest
from playwright.sync_api import expect


def stored_texts(room):
    from chat.models import Message

    return list(Message.objects.filter(room__slug=room).order_by("seq").values_list("text", flat=True))


def test_messages_written_offline_are_sent_when_the_network_is_back(visitor, kitchen):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    budi = visitor().join_as_guest("Budi", "kitchen")
    ayu.go_offline()
    ayu.see_state("You are offline")
    for text in ("One", "Two"):
        ayu.send_message(text).see_pending(text)
    ayu.see_state("You are offline. Two messages will be sent when you are back.")
    budi.send_message("Meanwhile")
    ayu.go_online()
    budi.see_message("One").see_message("Two")
    ayu.see_message("Meanwhile").see_message("Two").see_nothing_pending()
    assert ayu.texts() == budi.texts() == stored_texts("kitchen") == ["Meanwhile", "One", "Two"]
    expect(ayu.page.locator("[data-state]")).to_be_empty()


def test_after_a_reload_the_outbox_sends_each_message_once_and_in_order(visitor, server):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    server.kill()
    texts = [f"Line {number}" for number in range(12)]
    for text in texts:
        ayu.send_message(text).see_pending(text)
    server.start()
    ayu.page.goto("/rooms/kitchen/")
    ayu.wait_for_room().see_message(texts[-1]).see_nothing_pending()
    assert ayu.texts() == stored_texts("kitchen") == texts


def test_two_tabs_share_the_outbox_and_send_each_message_once(visitor, server):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    second = ayu.new_tab()
    second.goto("/rooms/kitchen/")
    expect(second.locator("[data-room]")).to_have_attribute("data-live", "open")
    server.kill()
    ayu.send_message("From the first").see_pending("From the first")
    expect(second.locator(".message.pending")).to_have_count(1)
    second.locator("#text").fill("From the second")
    second.locator("#text").press("Enter")
    expect(ayu.page.locator(".message.pending")).to_have_count(2)
    server.start()
    ayu.see_message("From the first").see_message("From the second").see_nothing_pending()
    expect(second.locator(".message.pending")).to_have_count(0)
    expect(second.locator(".message")).to_have_count(2)
    assert sorted(stored_texts("kitchen")) == ["From the first", "From the second"]


def test_the_back_button_returns_to_a_live_room_with_the_missed_messages(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    budi = visitor().join_as_guest("Budi", "kitchen")
    ayu.page.goto("/")
    budi.send_message("While you were away")
    budi.see_message("While you were away")
    ayu.page.go_back()
    ayu.wait_for_room().see_message("While you were away")
    budi.send_message("And now")
    ayu.see_message("And now")


def test_a_page_restored_from_the_back_forward_cache_reconnects(chromium_with_bfcache, visitor):
    ayu = visitor(chromium_with_bfcache).join_as_guest("Ayu", "kitchen")
    budi = visitor().join_as_guest("Budi", "kitchen")
    ayu.page.evaluate("addEventListener('pageshow', (event) => { window.wasRestored = event.persisted; })")
    ayu.page.goto("/")
    budi.send_message("While it slept").see_message("While it slept")
    # Playwright's go_back() waits for a load event. A restored page sends none.
    ayu.page.evaluate("history.back()")
    ayu.wait_for_room().see_message("While it slept")
    navigation = "performance.getEntriesByType('navigation')[0]"
    assert ayu.page.evaluate("window.wasRestored"), ayu.page.evaluate(f"{navigation}.notRestoredReasons")
    ayu.send_message("Awake")
    budi.see_message("Awake")


def test_a_laptop_that_slept_for_90_seconds_shows_the_missed_messages_at_once(visitor):
    ayu = visitor()
    ayu.page.clock.install()
    ayu.join_as_guest("Ayu", "kitchen")
    budi = visitor().join_as_guest("Budi", "kitchen")
    ayu.go_offline()
    budi.send_message("While you slept")
    budi.see_message("While you slept")
    ayu.go_online()
    ayu.page.clock.fast_forward(90_000)
    ayu.see_message("While you slept").wait_for_room()


def test_rate_limited_messages_are_announced_and_sent_automatically(visitor, site):
    limited = site.start(OBROLAN_POST_RATE="1", OBROLAN_POST_BURST="3")
    ayu = visitor()
    ayu.page.goto(limited.url)
    ayu.fill_in_the_entry_form("Ayu", "kitchen").wait_for_room()
    texts = [f"Line {number}" for number in range(6)]
    for text in texts:
        ayu.send_message(text)
    ayu.see_state(re.compile("You are sending too fast. .* will be sent in"))
    ayu.see_message(texts[-1]).see_nothing_pending()
    assert stored_texts("kitchen") == texts


@pytest.mark.parametrize("reason", ["deactivated", "removed"])
def test_a_user_who_loses_access_sees_the_reason_instead_of_the_composer(visitor, vault, alice, bob, reason):
    from chat.actions import members, people

    reader = visitor().log_in(alice).join_room("vault")
    reader.write("Half a thought")
    bob.is_staff = bob.is_superuser = True
    bob.save()
    if reason == "deactivated":
        people.deactivate(alice, by=bob)
    else:
        members.remove(vault, alice, by=bob)
    expect(reader.page.locator("[data-closed]")).to_be_visible()
    expect(reader.page.locator("[data-closed]")).to_contain_text(re.compile(r"\w+\."))
    expect(reader.page.locator("[data-composer]")).to_be_hidden()


def test_logging_out_in_another_tab_hides_the_composer_and_shows_the_reason(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    other = ayu.new_tab()
    other.goto("/")
    other.get_by_role("button", name="Ayu").click()
    other.get_by_role("button", name="Log out").click()
    expect(ayu.page.locator("[data-closed]")).to_contain_text(re.compile("(signed|logged) out"))


def test_a_message_whose_acknowledgement_was_lost_is_not_shown_twice(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    ayu.send_message("Once").see_message("Once").see_nothing_pending()
    from chat.models import Message

    message = Message.objects.get()
    command = '{"type": "post", "text": "Once"}'
    entry = f'{{"id": "{message.client_id}", "command": {command}, "at": 1}}'
    key = f"commands:{message.author_id}:{message.room_id}:{message.client_id}"
    ayu.page.evaluate("([key, entry]) => localStorage.setItem(key, entry)", [key, entry])
    ayu.page.reload()
    ayu.wait_for_room().see_message("Once").see_nothing_pending()
    assert stored_texts("kitchen") == ["Once"]


def test_the_offline_notice_appears_at_once(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    ayu.page.evaluate("""
      () => addEventListener("offline", () => setTimeout(() => {
        window.shown = document.querySelector("[data-state]").textContent;
      }, 100))
    """)
    ayu.go_offline()
    ayu.page.wait_for_function("() => window.shown !== undefined")
    assert "You are offline" in ayu.page.evaluate("window.shown")
    ayu.go_online()
    expect(ayu.page.locator("[data-state]")).to_be_empty()
    ayu.send_message("Back").see_message("Back")


def test_a_tab_closed_because_of_too_many_tabs_connects_again_on_request(visitor, site):
    few = site.start(OBROLAN_SOCKETS_PER_PERSON="2")
    ayu = visitor(viewport={"width": 700, "height": 700})  # a narrow page opens no lobby connection
    ayu.page.goto(few.url)
    ayu.fill_in_the_entry_form("Ayu", "kitchen").wait_for_room()
    url = f"{few.url}/rooms/kitchen/"
    tabs = [ayu.page, ayu.new_tab(), ayu.new_tab()]
    for tab in tabs[1:]:
        tab.goto(url)
    expect(tabs[-1].locator("[data-room]")).to_have_attribute("data-live", re.compile("open|closed"))
    tab = wait_for_closed_tab(tabs)
    expect(tab.locator("[data-composer]")).to_be_hidden()
    next(one for one in tabs if one is not tab).close()
    tab.get_by_role("button", name="Use Obrolan here").click()
    expect(tab.locator("[data-room]")).to_have_attribute("data-live", "open")
    expect(tab.locator("[data-composer]")).to_be_visible()
    tab.locator("#text").fill("From the old tab")
    tab.locator("#text").press("Enter")
    expect(tab.locator(".message:not(.pending)")).to_contain_text("From the old tab")


def wait_for_closed_tab(tabs):
    """Wait until a tab shows that the server closed its connection, and return the tab."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for tab in tabs:
            if tab.locator("[data-closed]").is_visible():
                return tab
    raise AssertionError("no tab shows a closed connection")
