"""Which of the words that are known was meant by one that is not."""

from __future__ import annotations

from collections.abc import Iterable


def meant(word: str, known: Iterable[str]) -> str:
    """ " (did you mean WORD?)", or nothing where none is like it."""
    import difflib  # for a message alone

    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
