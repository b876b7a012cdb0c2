from __future__ import annotations

import importlib.metadata as metadata

from sonoedge_export.sbom.tools import tool_components


def test_a_tool_has_the_licence_of_the_very_version_that_took_part() -> None:
    version = metadata.version("numpy")
    same, other, absent = tool_components({"numpy": version, "onnx": "0.0.1", "zzz": "1"})
    assert same.licence is not None
    assert same.purl == f"pkg:pypi/numpy@{version}"
    assert other.licence is None
    assert absent.cyclonedx()["licenses"] == [{"license": {"name": "NOASSERTION"}}]
