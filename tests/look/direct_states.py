"""The states of direct conversations and of the cards of people that the audit examines."""

from __future__ import annotations

from playwright.sync_api import expect

from .states import state


def conversation(sample, *names):
    """The direct conversation that Ayu has with these people, where the first of them wrote."""
    from chat.actions.direct import open_direct

    from .sample import say

    people = [sample.people[name] for name in names]
    room = open_direct(people, by=sample.people["Ayu"])
    if not room.head:
        say(room, people[0], "Are you free after lunch?")
    return room


@state()
def direct_conversation(visitor, sample):
    visitor.join_room(conversation(sample, "Budi", "Citra", "Dewi").slug)
    expect(visitor.page.locator(".message")).to_have_count(1)


@state()
def about_a_direct_conversation(visitor, sample):
    visitor.page.goto(f"/rooms/{conversation(sample, 'Budi').slug}/about/")


@state()
def all_direct_conversations(visitor, sample):
    conversation(sample, "Budi"), conversation(sample, "Hana", "Gilang")
    visitor.page.goto("/?direct=1")


@state()
def new_conversation(visitor, sample):
    visitor.page.goto(f"/direct/new/?to={sample.people['Citra'].pk}")
    expect(visitor.page.get_by_role("button", name="Start conversation")).to_be_visible()


@state()
def who_can_write_to_you(visitor, sample):
    visitor.page.goto("/accounts/direct/")


@state()
def card_of_a_person(visitor, sample):
    visitor.join_room(sample.garden.slug)
    visitor.page.locator(".message .author").first.click()
    expect(visitor.page.locator("dialog [data-card]")).to_be_visible()


@state()
def page_of_a_person(visitor, sample):
    visitor.page.goto(f"/people/{sample.people['Budi'].pk}/")


@state()
def ignored_people(visitor, sample):
    visitor.page.goto("/accounts/ignored/")
