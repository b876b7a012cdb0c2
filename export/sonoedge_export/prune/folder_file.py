"""JSON files of a pruning: written whole or not at all, and read as strictly as any other input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, TypeVar

from sonoedge.durable import replace_durably
from sonoedge.errors import InvalidSettings
from sonoedge.settings import read
from sonoedge.strict_json import parse_json

MOST_BYTES: Final = 16 << 20

T = TypeVar("T")


def read_file(cls: type[T], file: Path) -> T:
    """Make a `cls` of a JSON file.

    Raises:
        InvalidSettings: it cannot be read, or is damaged; the message names the file and the key.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InvalidSettings(f"{file.name} cannot be read: {error.strerror}") from None
    return read(cls, parse_json(data, file.name, most_bytes=MOST_BYTES), file.name)


def write_file(value: object, file: Path) -> None:
    """Put a JSON file in place of one that may be there: after a power cut it is old or new.

    Raises:
        OSError: it cannot be written.
        ValueError: a number is not finite.
    """
    text = json.dumps(value, indent=1, allow_nan=False) + "\n"
    replace_durably(file, text.encode())
