"""Thresholds from a user's own frames count for the bundle and variant that answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sonoedge.certainty import CalibratedOn, Certainty
from sonoedge.errors import InvalidSettings
from sonoedge.recalibration import SCHEMA, Recalibration, read_recalibration

ON = CalibratedOn(name="own", sha256="0" * 64, patients=40, malignant=20, benign=20)
OWN = Certainty(alpha=0.1, benign_up_to=0.7, malignant_from=0.1 + 0.2, calibrated_on=ON)


def write(file: Path, **values: Any) -> Path:
    made = Recalibration(
        schema=SCHEMA, bundle_id="a-1-0", variant="onnxruntime-int8", certainty=OWN
    )
    file.write_text(json.dumps(json.loads(made.text()) | values))
    return file


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    read = read_recalibration(write(tmp_path / "c.json"))
    assert read.thresholds("a-1-0", "onnxruntime-int8") == OWN


@pytest.mark.parametrize(
    ("bundle", "variant"), [("a-1-1", "onnxruntime-int8"), ("a-1-0", "onnxruntime-fp32")]
)
def test_of_another_bundle_or_variant_it_is_refused(
    tmp_path: Path, bundle: str, variant: str
) -> None:
    with pytest.raises(InvalidSettings, match="onnxruntime-int8 of a-1-0"):
        read_recalibration(write(tmp_path / "c.json")).thresholds(bundle, variant)


@pytest.mark.parametrize(
    "values",
    [{"schema": "sonoedge-certainty-2"}, {"certainty": {}}, {"certainty": None}, {"more": 1}],
)
def test_what_is_none_is_refused_by_its_name(tmp_path: Path, values: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettings, match=r"c\.json is no recalibration"):
        read_recalibration(write(tmp_path / "c.json", **values))


def test_a_threshold_beyond_a_probability_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "c.json")
    file.write_text(file.read_text().replace("0.7", "7.0"))
    with pytest.raises(InvalidSettings, match="benign_up_to"):
        read_recalibration(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match=r"none\.json cannot be read"):
        read_recalibration(tmp_path / "none.json")
