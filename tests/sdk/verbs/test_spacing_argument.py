"""The argument --spacing."""

from __future__ import annotations

import argparse

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.verbs.spacing_argument import add_spacing_argument, given


def test_it_is_millimetres_or_nothing() -> None:
    parser = argparse.ArgumentParser()
    add_spacing_argument(parser)
    assert given(parser.parse_args([])) is None
    assert given(parser.parse_args(["--spacing", "0.2,0.18"])) == (0.2, 0.18)
    with pytest.raises(InvalidSettings):
        given(parser.parse_args(["--spacing", "200 um"]))
