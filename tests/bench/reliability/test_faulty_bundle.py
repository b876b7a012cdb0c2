from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import sonoedge
from sonoedge import Analysed, EngineOptions
from sonoedge.bundle.identity import manifest_text
from sonoedge.errors import EngineFailed
from sonoedge_bench.reliability.drive import frame
from sonoedge_bench.reliability.faulty_bundle import first_frame_call, make_faulty_bundle


def test_a_sound_one_opens_and_answers_its_golden_frames(repository: Path, tmp_path: Path) -> None:
    tiny = repository / "tests" / "data" / "tiny"
    bundle = make_faulty_bundle(tiny, tmp_path / "bundle", golden=2)
    with sonoedge.open(bundle, EngineOptions(test_doubles=True)) as analyser:
        assert analyser.origin.runtime == "faulty"
        assert isinstance(analyser.analyse(frame()), Analysed)


def test_the_first_frames_call_is_the_first_after_opening(repository: Path, tmp_path: Path) -> None:
    tiny = repository / "tests" / "data" / "tiny"
    first = first_frame_call(tiny)
    last = make_faulty_bundle(tiny, tmp_path / "a", [{"kind": "raise", "call": first - 1}])
    bundle = make_faulty_bundle(tiny, tmp_path / "b", [{"kind": "memory", "call": first}])
    with sonoedge.open(bundle, EngineOptions(test_doubles=True)) as analyser:
        assert not isinstance(analyser.analyse(frame()), Analysed)
    try:
        sonoedge.open(last, EngineOptions(test_doubles=True)).close()
    except EngineFailed:
        return  # the last call before READY was one that must not fail
    with sonoedge.open(
        last, EngineOptions(test_doubles=True)
    ) as analyser:  # or a rehearsal, which may
        assert analyser.engine.calls == first  # type: ignore[attr-defined]


def test_a_fault_that_is_none_is_refused(repository: Path, tmp_path: Path) -> None:
    tiny = repository / "tests" / "data" / "tiny"
    bundle = make_faulty_bundle(tiny, tmp_path / "bundle", [{"kind": "melts"}])
    with pytest.raises(EngineFailed, match="kind"):
        sonoedge.open(bundle, EngineOptions(test_doubles=True))


def test_one_made_of_a_bundle_with_a_scope_analyses_frames(
    repository: Path, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    shutil.copytree(repository / "tests/data/tiny", base)
    manifest = json.loads((base / "manifest.json").read_text())
    manifest["postprocess"] |= {"out_of_scope": "normal", "scope_threshold": 0.3}
    (base / "manifest.json").write_text(manifest_text(manifest))
    bundle = make_faulty_bundle(base, tmp_path / "faulty")
    with sonoedge.open(bundle, EngineOptions(test_doubles=True)) as analyser:
        assert isinstance(analyser.analyse(frame()), Analysed)
