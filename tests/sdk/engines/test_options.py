"""Which engine runs is one checked value."""

from __future__ import annotations

from pathlib import Path

import pytest

import sonoedge
from sonoedge import EngineOptions
from sonoedge.errors import InvalidSettings
from sonoedge.settings import plain, read

TINY = Path(__file__).parent.parent.parent / "data" / "tiny"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"threads": 1.5}, "whole number from 1 to 1024, or None, not 1.5"),
        ({"threads": 0}, "threads must be"),
        ({"threads": 1025}, "threads must be"),
        ({"threads": True}, "threads must be"),
        ({"threads": "2"}, "threads must be"),
        ({"runtime": "tensorflow"}, "use auto or one of onnxruntime, openvino"),
        ({"runtime": None}, "use auto or one of"),
        ({"runtime": ["onnxruntime"]}, "use auto or one of"),
        ({"variant": 3}, "variant must be"),
        ({"spin": 1}, "spin must be True or False"),
        ({"keep_warm": "yes"}, "keep_warm must be True or False"),
        ({"test_doubles": None}, "test_doubles must be True or False"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_where_it_is_written(
    values: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidSettings, match=message):
        EngineOptions(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("use", [sonoedge.open, sonoedge.live])
@pytest.mark.parametrize("engine", ["openvino", None, {"runtime": "openvino"}])
def test_a_bare_name_in_its_place_is_refused_with_the_way_to_write_it(
    use: type, engine: object
) -> None:
    with pytest.raises(InvalidSettings, match=r"EngineOptions\(runtime='openvino'\)"):
        use(TINY, engine=engine)


def test_options_cross_to_another_process_as_plain_values() -> None:
    options = EngineOptions(runtime="onnxruntime", variant="v", threads=3, spin=True)
    assert read(EngineOptions, plain(options)) == options
