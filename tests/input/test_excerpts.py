"""The first line of a message, which its replies quote."""

import json
from pathlib import Path

import pytest

from chat.text import EXCERPT, excerpt

pytestmark = pytest.mark.once

CORPUS = json.loads((Path(__file__).parents[1] / "excerpts.json").read_text())


@pytest.mark.parametrize(("text", "expected"), CORPUS, ids=range(len(CORPUS)))
def test_an_excerpt_is_the_first_line_without_markdown(text, expected):
    assert excerpt(text) == expected
    assert len(excerpt(text)) <= EXCERPT
