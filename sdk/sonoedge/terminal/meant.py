"""Which of the words that are known was meant by one that is not."""

from __future__ import annotations

from collections.abc import Iterable


def close(word: str, known: Iterable[str], alike: float = 0.6) -> str | None:
    """The known word that is most like this one; None where none is like it."""
    import difflib  # for a message alone

    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=alike)), None)


def meant(word: str, known: Iterable[str]) -> str:
    """ " (did you mean WORD?)", or nothing where none is like it."""
    near = close(word, known)
    return f" (did you mean {near}?)" if near else ""
