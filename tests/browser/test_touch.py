"""Times and links of messages can be hit by a finger, and the layout is the one for a mouse."""

import uuid

import pytest
from playwright.sync_api import expect

from chat.actions.messages import Draft, post

pytestmark = pytest.mark.once

SIZE = {"width": 390, "height": 760}
FINGER = {"viewport": SIZE, "has_touch": True, "is_mobile": True}
TARGET = 44  # pixels
SMALLEST = 24  # pixels; WCAG 2.5.8
LINK = "[one](https://example.org/1)"
TEXTS = ["First", "Second", "Many words " * 20, f"{LINK} and\n{LINK} or\n{LINK}", "Last"]
# The height in which an element is hit, upwards and downwards from its middle.
HEIGHTS = """
(elements) => elements.map((element) => {
  element.scrollIntoView({ block: "center" });
  const box = element.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const isHit = (y) => document.elementFromPoint(x, y)?.closest("a") === element;
  let [top, bottom] = [y, y];
  while (isHit(top - 0.5)) top -= 0.5;
  while (isHit(bottom + 0.5)) bottom += 0.5;
  return bottom - top;
})
"""
PLACES = """
(rows) => rows.map((row) => [row, row.querySelector(".when"), row.querySelector(".words")].map((one) => {
  const { top, height } = one.getBoundingClientRect();
  return [Math.round(top - rows[0].getBoundingClientRect().top), Math.round(height)];
}))
"""


@pytest.fixture
def talk(kitchen, bob):
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), text) for text in TEXTS])
    return kitchen


def test_a_time_is_44_pixels_high_unless_the_next_row_is_nearer(visitor, talk, alice):
    page = visitor(**FINGER).log_in(alice).join_room("kitchen").page
    first, second, long, _, last = page.locator(".message > .when").evaluate_all(HEIGHTS)
    assert first >= TARGET - 1 and long >= TARGET - 1
    assert min(second, last) >= SMALLEST


def test_links_in_a_text_are_as_high_as_their_line_and_do_not_cover_each_other(visitor, talk, alice):
    page = visitor(**FINGER).log_in(alice).join_room("kitchen").page
    assert min(page.locator(".words a").evaluate_all(HEIGHTS)) >= SMALLEST - 1
    expect(page.locator(".words a")).to_have_count(3)


def test_the_layout_is_the_same_as_with_a_mouse(visitor, talk, alice):
    finger, mouse = (
        visitor(**options).log_in(alice).join_room("kitchen").page.locator(".message").evaluate_all(PLACES)
        for options in (FINGER, {"viewport": SIZE})
    )
    assert finger == mouse
