from __future__ import annotations

import pytest

from sonoedge.terminal.meant import meant


@pytest.mark.parametrize(
    ("word", "said"), [("hight", " (did you mean height?)"), ("zzz", ""), ("", "")]
)
def test_the_word_that_was_meant_is_named_where_one_is_like_it(word: str, said: str) -> None:
    assert meant(word, ("height", "width")) == said
