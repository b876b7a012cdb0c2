"""The options of the command line that say which engine runs."""

from __future__ import annotations

import argparse

import pytest

from sonoedge import EngineOptions
from sonoedge.errors import InvalidSettings
from sonoedge.verbs.engine_arguments import add_engine_arguments, engine_options


def options(*words: str) -> EngineOptions:
    parser = argparse.ArgumentParser()
    add_engine_arguments(parser)
    return engine_options(parser.parse_args(words))


def test_left_out_they_are_the_defaults() -> None:
    assert options() == EngineOptions()


def test_each_option_reaches_the_engine() -> None:
    words = ["--runtime", "openvino", "--variant", "v", "--threads", "2", "--spin", "--keep-warm"]
    assert options(*words) == EngineOptions(
        runtime="openvino", variant="v", threads=2, spin=True, keep_warm=True
    )


def test_a_number_out_of_range_is_a_typed_error() -> None:
    with pytest.raises(InvalidSettings, match="threads"):
        options("--threads", "0")
