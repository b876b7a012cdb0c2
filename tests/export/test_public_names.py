from __future__ import annotations

import pytest

import sonoedge_export


@pytest.mark.parametrize("name", sonoedge_export.__all__)
def test_every_public_name_can_be_imported_and_is_documented(name: str) -> None:
    assert getattr(sonoedge_export, name).__doc__


def test_the_table_and_the_list_hold_the_same_names() -> None:
    assert sorted(sonoedge_export.PUBLIC) == sonoedge_export.__all__ == dir(sonoedge_export)


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = sonoedge_export.nothing
