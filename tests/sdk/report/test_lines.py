from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sonoedge.analysis import Analysed, NotAnalysed
from sonoedge.bundle import Bundle, read_bundle
from sonoedge.errors import InvalidData, VariantNotFound
from sonoedge.report.lines import Lines, read_lines

TINY = Path(__file__).parents[2] / "data" / "tiny"
SHA256 = "cd" * 32


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(TINY)


def lines(bundle: Bundle, **changes: Any) -> list[dict[str, Any]]:
    common = {
        "schema_version": 1,
        "source_sha256": SHA256,
        "bundle_id": bundle.manifest.bundle_id,
        "runtime": "onnxruntime",
        "precision": "fp32",
        "variant": "onnxruntime-fp32",
        "class_probs": {},
    }
    region = {
        "box_px": [10, 20, 31, 51],
        "contour_px": [[10, 20], [30, 20], [30, 50]],
        "area_px": 300.0,
        "area_mm2": 12.0,
        "box_mm": [4.2, 6.2],
        "suspicion": 0.75,
        "class_probs": {},
        "flagged": True,
        "track_id": 0,
        "track_flagged": False,
    }
    seen = {
        "frame": 0,
        "outcome": "analysed",
        "reasons": [],
        "flagged": True,
        "temporal_flag": False,
        "suspicion": 0.75,
        "localised": True,
        "regions": [region | changes.pop("region", {})],
    }
    unseen = {
        "frame": 1,
        "outcome": "not_analysed",
        "reasons": ["NO_CONTACT"],
        "flagged": None,
        "temporal_flag": None,
        "suspicion": None,
        "localised": None,
        "regions": None,
    }
    return [common | seen | changes, common | unseen]


def read(tmp_path: Path, bundle: Bundle, rows: list[dict[str, Any]], **changes: Any) -> Lines:
    file = tmp_path / "a.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    values: dict[str, Any] = {"sha256": SHA256, "pictures": 2, "hw": (120, 160)}
    return read_lines(file, bundle, **(values | changes))


def test_a_run_is_read_back(tmp_path: Path, bundle: Bundle) -> None:
    result = read(tmp_path, bundle, lines(bundle))
    seen, unseen = result.analyses
    assert isinstance(seen, Analysed)
    assert isinstance(unseen, NotAnalysed)
    assert seen.regions[0].contour_px.tolist() == [[10, 20], [30, 20], [30, 50]]
    assert seen.regions[0].area_mm2 == 12.0
    assert [reason.value for reason in unseen.reasons] == ["NO_CONTACT"]
    assert result.followed
    assert result.origin.engine_sha256 == bundle.engine_sha256(bundle.variant("onnxruntime-fp32"))


@pytest.mark.req("R54")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source_sha256": "ef" * 32}, "of another file"),
        ({"source_sha256": None}, "did not record which"),
        ({"bundle_id": "other-1-000000000000"}, "of another bundle"),
        ({"precision": "int8"}, "does not run on"),
        ({"schema_version": 2}, "no line of sonoedge run"),
        ({"frame": 1}, "not of frame 0"),
        ({"outcome": "not_analysed"}, "a frame is analysed, or there are reasons"),
        ({"regions": None}, "has a list of regions"),
        ({"region": {"contour_px": [[160, 0], [1, 1], [2, 2]]}}, "outside of the picture"),
        ({"region": {"contour_px": []}}, "outside of the picture"),
        ({"region": {"suspicion": None}}, "number from 0 to 1"),
    ],
)
def test_what_is_not_of_this_file_and_bundle_is_refused(
    tmp_path: Path, bundle: Bundle, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidData, match=words):
        read(tmp_path, bundle, lines(bundle, **changes))


@pytest.mark.req("R54")
@pytest.mark.parametrize(("pictures", "words"), [(3, "holds 2 of 3 frames"), (1, "more lines")])
def test_a_run_over_a_part_is_refused(
    tmp_path: Path, bundle: Bundle, pictures: int, words: str
) -> None:
    with pytest.raises(InvalidData, match=words):
        read(tmp_path, bundle, lines(bundle), pictures=pictures)


def test_lines_of_two_engines_are_refused(tmp_path: Path, bundle: Bundle) -> None:
    rows = lines(bundle)
    rows[1]["variant"] = "openvino-fp32"
    with pytest.raises(InvalidData, match=r"line 2 of a\.jsonl is of another file or engine"):
        read(tmp_path, bundle, rows)


def test_a_variant_that_is_none_is_named(tmp_path: Path, bundle: Bundle) -> None:
    with pytest.raises(VariantNotFound):
        read(tmp_path, bundle, lines(bundle, variant="other"))


def test_what_is_no_json_is_refused_by_its_line(tmp_path: Path, bundle: Bundle) -> None:
    (tmp_path / "a.jsonl").write_text("{\n")
    with pytest.raises(InvalidData, match=r"line 1 of a\.jsonl is not valid JSON"):
        read_lines(tmp_path / "a.jsonl", bundle, sha256=SHA256, pictures=1, hw=(1, 1))
    with pytest.raises(InvalidData, match="cannot be read"):
        read_lines(tmp_path / "absent", bundle, sha256=SHA256, pictures=1, hw=(1, 1))
