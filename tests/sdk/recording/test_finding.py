from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from sample_recordings.session import TINY
from sonoedge.errors import BundleNotFound
from sonoedge.recording.finding import find_bundle

DIGEST = hashlib.sha256((TINY / "manifest.json").read_bytes()).hexdigest()


def test_a_bundle_is_found_by_its_digest_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "manifest.json").write_text("{}")
    (tmp_path / "b" / "manifest.json").write_bytes((TINY / "manifest.json").read_bytes())
    assert find_bundle(DIGEST, "tiny", tmp_path) == tmp_path / "b"
    assert find_bundle(DIGEST, "tiny", TINY) == TINY


def test_where_it_is_not_the_message_says_how_to_name_it(tmp_path: Path) -> None:
    for among in (tmp_path, tmp_path / "absent"):
        with pytest.raises(BundleNotFound, match="--bundle"):
            find_bundle(DIGEST, "dark-spots-1", among)
