"""The tables of names resolve, entry by entry."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from typing import cast

import pytest

import sonoedge
from sonoedge.cli import VERBS
from sonoedge.errors import MissingDependency, RuntimeUnavailable
from sonoedge.runtime import RUNTIMES, resolve, runtime_class
from sonoedge_export.recipe.variants import VARIANTS
from sonoedge_runtimes.testing import TEST_DOUBLES


def file_is_there(path: str) -> bool:
    """Whether the entry's module exists, without running it; its package's may be run."""
    try:
        return importlib.util.find_spec(path.partition(":")[0]) is not None
    except ModuleNotFoundError as missing:
        if (missing.name or "sonoedge").startswith("sonoedge"):
            raise
        pytest.skip(f"{path} needs {missing.name}, which is not installed")


@pytest.mark.parametrize("name", RUNTIMES)
def test_every_runtime_resolves(name: str) -> None:
    assert file_is_there(RUNTIMES[name].path)
    try:
        result = runtime_class(name)
    except MissingDependency as missing:
        pytest.skip(f"{name}: {missing}")
    assert callable(result)


@pytest.mark.parametrize("name", TEST_DOUBLES)
def test_every_test_double_resolves(name: str) -> None:
    assert callable(runtime_class(name, test_doubles=True))


def test_no_test_double_is_a_runtime() -> None:
    assert not set(RUNTIMES) & set(TEST_DOUBLES)
    for entry in RUNTIMES.values():
        assert "testing" not in entry.path.partition(":")[0].split(".")
    for entry in TEST_DOUBLES.values():
        assert entry.path.startswith("sonoedge_runtimes.testing.")


def test_every_variant_that_export_builds_has_a_runtime_and_a_precision() -> None:
    for row in VARIANTS.values():
        assert row.precision in RUNTIMES[row.runtime].precisions


@pytest.mark.parametrize("name", RUNTIMES)
def test_a_runtime_refuses_a_precision_that_its_entry_lacks(name: str) -> None:
    try:
        make = runtime_class(name)
    except MissingDependency as missing:
        pytest.skip(f"{name}: {missing}")
    every = {p for entry in RUNTIMES.values() for p in entry.precisions} | {"fp7"}
    for precision in every - set(RUNTIMES[name].precisions):
        with pytest.raises(RuntimeUnavailable, match=f"no {precision}"):
            make(b"", precision=precision, threads=1)


def function(verb: str) -> Callable[[Sequence[str]], int]:
    """A verb's function; skips where a package that it needs is not installed."""
    _, path = VERBS[verb]
    assert file_is_there(path)
    try:
        return cast(Callable[[Sequence[str]], int], resolve(path))
    except ModuleNotFoundError as missing:
        if (missing.name or "sonoedge").startswith("sonoedge"):
            raise  # a misspelt module of ours is a fault, not a missing package
        pytest.skip(f"{verb} needs {missing.name}, which is not installed")
    except MissingDependency as missing:
        pytest.skip(f"{verb}: {missing}")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_resolves_and_prints_its_help(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        function(verb)(["--help"])
    assert stopped.value.code == 0
    assert f"usage: sonoedge {verb} " in capsys.readouterr().out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_one_line_of_help(verb: str) -> None:
    line, _ = VERBS[verb]
    assert line
    assert "\n" not in line


def test_every_public_name_of_sonoedge_is_in_its_table_and_resolves() -> None:
    assert {*sonoedge._MODULES, "__version__"} == set(sonoedge.__all__)
    for name, module in sonoedge._MODULES.items():
        assert getattr(sonoedge, name) is getattr(importlib.import_module(module), name)
    assert set(sonoedge.__all__) <= set(dir(sonoedge))
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        sonoedge.absent  # noqa: B018
