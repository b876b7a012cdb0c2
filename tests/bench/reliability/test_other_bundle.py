from __future__ import annotations

from pathlib import Path

from sonoedge.bundle import read_bundle
from sonoedge_bench.reliability.other_bundle import make_other_bundle


def test_it_is_a_sound_bundle_and_another_one(repository: Path, tmp_path: Path) -> None:
    tiny = repository / "tests" / "data" / "tiny"
    other = read_bundle(make_other_bundle(tiny, tmp_path / "other"))
    other.check()
    before = read_bundle(tiny)
    assert other.manifest_sha256 != before.manifest_sha256
    assert other.manifest.bundle_id != before.manifest.bundle_id
    assert other.manifest.files == before.manifest.files
