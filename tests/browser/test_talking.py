"""Two people in two browsers."""

from playwright.sync_api import expect


def test_two_people_enter_by_the_form_talk_and_see_each_other_come_and_go(visitor):
    ayu = visitor().enter_as_guest("Ayu", "Kitchen")
    expect(ayu.page.locator("[data-empty]")).to_be_visible()
    budi = visitor().enter_as_guest("Budi", "kitchen")
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
    ayu = visitor().enter_as_guest("Ayu", "kitchen")
    budi = visitor().enter_as_guest("Budi", "kitchen")
    ayu.see_notice("Budi joined")
    budi.page.reload()
    budi.be_in_room()
    second = budi.tab()
    second.goto("/rooms/kitchen/")
    expect(second.locator("[data-room]")).to_have_attribute("data-live", "open")
    second.close()
    budi.send_message("Still here")
    ayu.see_message("Still here").see_people("Ayu", "Budi")
    expect(ayu.page.locator(".notice")).to_have_count(1)


def test_the_talk_goes_on_after_the_server_restarts(visitor, server):
    ayu = visitor().enter_as_guest("Ayu", "kitchen")
    budi = visitor().enter_as_guest("Budi", "kitchen")
    ayu.send_message("Before")
    budi.see_message("Before")
    server.terminate()
    ayu.send_message("Meanwhile").see_pending("Meanwhile").see_state("1 message waiting")
    server.start()
    budi.see_message("Meanwhile")
    ayu.see_message("Meanwhile").see_nothing_pending()
    ayu.page.reload()
    ayu.be_in_room()
    assert ayu.texts() == ["Before", "Meanwhile"]


def test_who_writes_is_said(visitor):
    ayu = visitor().enter_as_guest("Ayu", "kitchen")
    budi = visitor().enter_as_guest("Budi", "kitchen")
    budi.page.locator("#text").press_sequentially("Hm")
    ayu.see_state("Budi is writing")
    budi.page.locator("#text").press("Enter")
    ayu.see_message("Hm")
    expect(ayu.page.locator("[data-state]")).to_be_empty()


def test_shift_and_enter_break_the_line_and_enter_sends(visitor):
    ayu = visitor().enter_as_guest("Ayu", "kitchen")
    box = ayu.page.locator("#text")
    box.press_sequentially("one")
    box.press("Shift+Enter")
    box.press_sequentially("two")
    box.press("Enter")
    expect(ayu.page.locator(".message .words br")).to_have_count(1)
    expect(box).to_have_value("")


def test_a_refused_message_stays_with_its_reason_and_can_be_changed_and_sent_again(visitor):
    ayu = visitor().enter_as_guest("Ayu", "kitchen")
    ayu.send_message("a" * 4_001)
    fate = ayu.page.locator(".fate")
    expect(fate).to_contain_text("longer than 4000 characters")
    ayu.page.reload()
    ayu.be_in_room()
    expect(fate).to_contain_text("longer than 4000 characters")
    fate.get_by_role("button", name="Edit").click()
    ayu.see_nothing_pending()
    expect(ayu.page.locator("#text")).to_have_value("a" * 4_001)
    ayu.send_message("Shorter").see_message("Shorter")
    expect(fate).to_have_count(0)


def test_what_is_being_written_survives_a_reload(visitor):
    ayu = visitor().enter_as_guest("Ayu", "kitchen")
    ayu.write("Half a thou")
    ayu.page.reload()
    expect(ayu.page.locator("#text")).to_have_value("Half a thou")
