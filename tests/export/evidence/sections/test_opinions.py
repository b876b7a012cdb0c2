"""The chapter of second opinions and certainty."""

from __future__ import annotations

from pathlib import Path

from sonoedge.cli import main


def test_the_pack_of_evidence_has_their_figures(place: Path, tmp_path: Path) -> None:
    assert main(["evidence", str(place / "bundle"), "--out", str(tmp_path / "pack")]) == 0
    heads = (tmp_path / "pack/csv/opinions-heads.csv").read_text()
    assert "second-opinion,logistic," in heads
    assert "malignant covered" in (tmp_path / "pack/csv/opinions-coverage.csv").read_text()
    assert "drawn, for tests alone" in (tmp_path / "pack/csv/opinions-clinical.csv").read_text()
