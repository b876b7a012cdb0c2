from __future__ import annotations

import pytest

from sonoedge.report import codes
from sonoedge.report.codes import Code


def test_every_code_has_the_meaning_that_the_standard_gives_it() -> None:
    concepts = pytest.importorskip(
        "pydicom.sr._concepts_dict", reason="needs the extra dicom"
    ).concepts
    table = {
        (scheme, value): meaning
        for scheme, names in concepts.items()
        for values in names.values()
        for value, (meaning, _) in values.items()
    }
    ours = [code for code in vars(codes).values() if isinstance(code, Code)]
    assert len(ours) > 20
    known = [c for c in ours if (c.scheme, c.value) in table and c.scheme in ("DCM", "SCT")]
    assert len(known) >= 14
    for code in known:
        assert code.meaning.lower() in table[code.scheme, code.value].lower(), code
