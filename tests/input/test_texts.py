"""What counts as something to send."""

import pytest

from chat import text
from chat.refusals import Refusal

from .corpus import NOTHING_TO_SEE


@pytest.mark.parametrize("name", NOTHING_TO_SEE)
def test_a_text_of_what_nobody_can_see_is_empty(name):
    with pytest.raises(Refusal) as refusal:
        text.clean(NOTHING_TO_SEE[name])
    assert refusal.value.code == "empty"
