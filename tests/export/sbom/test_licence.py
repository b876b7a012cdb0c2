from __future__ import annotations

import pytest

pytest.importorskip("cyclonedx", reason="needs the extra export")

from sonoedge.sbom.component import Licence
from sonoedge_export.sbom.licence import stated_licence


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        (None, None),
        ("mit", Licence(expression="MIT")),
        ("MIT OR Apache-2.0", Licence(expression="MIT OR Apache-2.0")),
        ("use with citation", Licence(names=("use with citation",))),
        ("MIT AND ours", Licence(names=("MIT AND ours",))),
    ],
)
def test_an_expression_is_told_from_a_name(text: str | None, licence: Licence | None) -> None:
    assert stated_licence(text) == licence
