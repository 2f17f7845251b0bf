"""Two users in two browsers: messages, joins, typing notices and drafts."""

from playwright.sync_api import expect


def test_two_guests_exchange_messages_and_see_each_other_join_and_leave(visitor):
    ayu = visitor().join_as_guest("Ayu", "Kitchen")
    expect(ayu.page.locator("[data-empty]")).to_be_visible()
    budi = visitor().join_as_guest("Budi", "kitchen")
    ayu.see_notice("Budi joined").see_people("Ayu", "Budi")
    budi.see_people("Ayu", "Budi")

    ayu.send_message("Is anybody **hungry**?")
    budi.see_message("Is anybody hungry?")
    budi.send_message("Always")
    ayu.see_message("Always").see_nothing_pending()
    assert ayu.texts() == budi.texts() == ["Is anybody hungry?", "Always"]

    budi.page.goto("/")
    ayu.see_notice("Budi left").see_people("Ayu")


def test_a_reload_or_a_second_tab_announces_nothing(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    budi = visitor().join_as_guest("Budi", "kitchen")
    ayu.see_notice("Budi joined")
    budi.page.reload()
    budi.wait_for_room()
    second = budi.new_tab()
    second.goto("/rooms/kitchen/")
    expect(second.locator("[data-room]")).to_have_attribute("data-live", "open")
    second.close()
    budi.send_message("Still here")
    ayu.see_message("Still here").see_people("Ayu", "Budi")
    expect(ayu.page.locator(".notice")).to_have_count(1)


def test_a_message_that_is_sent_during_a_server_restart_arrives_after_it(visitor, server):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    budi = visitor().join_as_guest("Budi", "kitchen")
    ayu.send_message("Before")
    budi.see_message("Before")
    server.terminate()
    ayu.send_message("Meanwhile").see_pending("Meanwhile").see_state("One message will be sent")
    server.start()
    budi.see_message("Meanwhile")
    ayu.see_message("Meanwhile").see_nothing_pending()
    ayu.page.reload()
    ayu.wait_for_room()
    assert ayu.texts() == ["Before", "Meanwhile"]


def test_a_typing_notice_is_shown_to_other_members(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    budi = visitor().join_as_guest("Budi", "kitchen")
    budi.page.locator("#text").press_sequentially("Hm")
    ayu.see_state("Budi is typing")
    budi.page.locator("#text").press("Enter")
    ayu.see_message("Hm")
    expect(ayu.page.locator("[data-state]")).to_be_empty()


def test_enter_sends_and_shift_enter_starts_a_new_line(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    box = ayu.page.locator("#text")
    box.press_sequentially("one")
    box.press("Shift+Enter")
    box.press_sequentially("two")
    box.press("Enter")
    expect(ayu.page.locator(".message .words br")).to_have_count(1)
    expect(box).to_have_value("")


def test_a_draft_survives_a_reload(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    ayu.write("Half a thou")
    ayu.page.reload()
    expect(ayu.page.locator("#text")).to_have_value("Half a thou")


def test_a_join_in_an_empty_room_stays_visible_when_messages_arrive(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    budi = visitor().join_as_guest("Budi", "kitchen")
    ayu.see_notice("Budi joined")
    ayu.send_message("Welcome").see_message("Welcome").see_nothing_pending()
    budi.send_message("Thanks")
    ayu.see_message("Thanks").see_notice("Budi joined")
    assert (
        ayu.page.locator("[data-messages] > .notice, [data-messages] > .message").first.inner_text()
        == "Budi joined"
    )
