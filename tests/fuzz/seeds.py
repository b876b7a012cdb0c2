"""Where the entry points' seeds come from: the tests' own data, and `corpus`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

TESTS: Final = Path(__file__).resolve().parents[1]
TINY: Final = TESTS / "data" / "tiny"
CORPUS: Final = Path(__file__).resolve().parent / "corpus"


def corpus(folder: str) -> tuple[bytes, ...]:
    """The files of a folder of the corpus, in the order of their names."""
    return tuple(file.read_bytes() for file in sorted((CORPUS / folder).iterdir()))


def as_json(tree: Any) -> bytes:
    """A tree as JSON, also where it holds what strict JSON cannot."""
    try:
        return json.dumps(tree).encode()
    except ValueError:  # an integer that Python refuses to write
        return b"9" * 5000
