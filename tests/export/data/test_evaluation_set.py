from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from sonoedge.errors import InvalidData
from sonoedge_export.data.evaluation_set import check_evaluation
from sonoedge_export.data.labelled import read_labelled
from sonoedge_export.progress import Stages
from sonoedge_export.verify import verify_bundle

TINY = Path(__file__).parents[2] / "data" / "tiny"
LABELS = ("normal", "benign", "malignant")


def test_verify_refuses_labels_that_the_network_does_not_know(workplace: Path) -> None:
    file = workplace / "frames" / "frames.json"
    file.write_text(file.read_text().replace('"malignant"', '"Malignant"', 1))
    with pytest.raises(InvalidData, match=r"is labelled 'Malignant'; postprocess\.labels has"):
        verify_bundle(TINY, file, None, None, Stages(io.StringIO()))


def test_a_frame_that_is_listed_twice_is_not_judged_twice(workplace: Path) -> None:
    file = workplace / "frames" / "frames.json"
    data = json.loads(file.read_text())
    check_evaluation(read_labelled(file), LABELS)
    data["frames"].append(data["frames"][2] | {"image": "../frames/f2.png"})
    file.write_text(json.dumps(data))
    with pytest.raises(InvalidData, match=r"f2\.png is listed twice"):
        check_evaluation(read_labelled(file), LABELS)
