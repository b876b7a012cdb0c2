"""A bundle's id: its name, its version, and the first digits of the digest over its manifest.

The digest is SHA-256 over the bytes of manifest.json with zeros in the place of its own
digits: it covers every file, whose digests the manifest holds, and every setting. It tells two
bundles apart and an edited manifest from a written one; it is no signature, since whoever
edits a manifest can compute it anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

DIGITS: Final = 12


def manifest_text(data: Mapping[str, Any]) -> str:
    """manifest.json's text for its keys and values; `bundle_id` is computed.

    Args:
        data: what JSON can hold; the same data give the same text.

    Raises:
        ValueError: a number is not finite.
    """
    prefix = f"{data.get('name')}-{data.get('version')}-"
    blank = prefix + "0" * DIGITS
    text = json.dumps({**data, "bundle_id": blank}, indent=1, sort_keys=True, allow_nan=False)
    text += "\n"
    bundle_id = prefix + _digits(text.encode())
    return text.replace(
        f'"bundle_id": {json.dumps(blank)}', f'"bundle_id": {json.dumps(bundle_id)}'
    )


def is_id_of(bundle_id: str, text: bytes) -> bool:
    """Whether an id is that of the manifest with this text."""
    prefix, digits = bundle_id[:-DIGITS], bundle_id[-DIGITS:]
    literal = json.dumps(bundle_id).encode()
    if text.count(literal) != 1:
        return False
    blank = json.dumps(prefix + "0" * DIGITS).encode()
    return digits == _digits(text.replace(literal, blank))


def _digits(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:DIGITS]
