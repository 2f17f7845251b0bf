"""Paste and drop: a text that is too long, and files, which cannot be sent."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.once

HUGE = "words @all " * 28_000  # 300 KB
SLOWEST_KEY = 60  # milliseconds in the page's scripts; 8 on a busy machine
TRANSFER = """
(target, [type, files, text]) => {
  const data = new DataTransfer();
  for (const [name, kind] of files) data.items.add(new File(["x"], name, { type: kind }));
  if (text) data.setData("text/plain", text);
  const options = { bubbles: true, cancelable: true };
  const event = type === "paste"
    ? new ClipboardEvent(type, { ...options, clipboardData: data })
    : new DragEvent(type, { ...options, dataTransfer: data });
  return target.dispatchEvent(event);
}
"""
IMAGE, TEXT_FILE = ["a.png", "image/png"], ["a.pdf", "application/pdf"]


def transfer(visitor, type, *files, text="", target="#text"):
    """Dispatch a paste or drop. Returns whether the browser's own action follows."""
    return visitor.page.locator(target).evaluate(TRANSFER, [type, list(files), text])


def answer(visitor):
    return visitor.page.locator("[data-answer]")


def test_a_file_is_answered_in_words_and_the_text_stays(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    for type, file, words in (
        ("paste", IMAGE, "Images cannot be sent"),
        ("paste", TEXT_FILE, "Files cannot be sent"),
        ("drop", IMAGE, "Images cannot be sent"),
        ("drop", TEXT_FILE, "Files cannot be sent"),
    ):
        ayu.write(f"Look at {type} of")
        assert not transfer(ayu, type, file)
        expect(answer(ayu)).to_contain_text(words)
        expect(ayu.page.locator("#text")).to_have_value(f"Look at {type} of")
        ayu.page.locator("#text").press_sequentially(f" {file[0]}")
        expect(answer(ayu)).to_be_empty()
        ayu.page.locator("#text").press("Enter")
        ayu.see_message(f"Look at {type} of {file[0]}")


def test_a_file_dropped_beside_the_composer_does_not_replace_the_page(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    for type in ("dragover", "drop"):
        assert not transfer(ayu, type, IMAGE, target=".talk")
    expect(answer(ayu)).to_contain_text("Images cannot be sent")


def test_text_is_pasted_and_dropped_as_the_browser_does(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    for type in ("paste", "dragover", "drop"):
        assert transfer(ayu, type, text="words")
        assert transfer(ayu, type, IMAGE, text="words from a document")
    expect(answer(ayu)).to_be_empty()


def test_the_counter_counts_mentions_as_they_are_sent(visitor):
    ayu, held = visitor(), []
    # The module that knows how they are sent arrives late.
    ayu.page.route(re.compile("mention_labels"), lambda route: held.append(route))
    ayu.join_as_guest("Ayu", "kitchen")
    counter = ayu.page.locator("[data-counter]")
    ayu.write("@all " + "x" * 3_500)
    expect(counter).to_have_text("3,505 / 4,000")
    for route in held:
        route.continue_()
    expect(counter).to_have_text("3,507 / 4,000")


def test_typing_stays_fluid_below_300_kb_of_pasted_text(visitor):
    ayu = visitor().join_as_guest("Ayu", "kitchen")
    ayu.paste(HUGE)
    expect(ayu.page.locator("[data-too-long]")).to_contain_text("Shorten it")
    ayu.page.evaluate("""() => {
      window.writes = 0;
      const write = Storage.prototype.setItem;
      Storage.prototype.setItem = function (...args) {
        window.writes += 1;
        return write.apply(this, args);
      };
      window.handled = [];
      const area = document.querySelector("#text");
      let begun = 0;
      addEventListener("input", () => { begun = performance.now(); }, true);
      addEventListener("input", () => { window.handled.push(performance.now() - begun); });
    }""")
    ayu.page.locator("#text").press("ControlOrMeta+End")
    for _ in range(20):
        ayu.page.keyboard.type("x")
    handled = sorted(ayu.page.evaluate("window.handled"))
    assert handled[len(handled) // 2] < SLOWEST_KEY, handled
    assert ayu.page.evaluate("window.writes") <= 10  # one for each pause, not one for each key
    ayu.page.reload()
    expect(ayu.page.locator("#text")).to_have_value(HUGE + "x" * 20)
