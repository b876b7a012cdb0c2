from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.errors import InvalidData
from sonoedge_export.evidence import project_files
from sonoedge_export.evidence.project_files import FILES, project_file


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_that_of_the_checkout(name: str, repository: Path) -> None:
    assert project_file(name).read_bytes() == (repository / FILES[name]).read_bytes()


def test_an_installation_without_one_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(project_files, "_PACKAGE", tmp_path)
    monkeypatch.setattr(project_files, "_CHECKOUT", tmp_path)
    with pytest.raises(InvalidData, match=r"lacks hazards\.toml"):
        project_file("hazards.toml")
