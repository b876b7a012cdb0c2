"""Without scikit-learn the command that installs it is named."""

from __future__ import annotations

import importlib
import sys

import pytest

from sonoedge.errors import MissingDependency


class Blocked:
    """An importer for which scikit-learn is not installed."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] == "sklearn":
            raise ModuleNotFoundError("No module named 'sklearn'", name="sklearn")


def test_without_scikit_learn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n == "sklearn" or n.startswith("sklearn.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "sonoedge_export.heads.skl", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Blocked(), *sys.meta_path])
    with pytest.raises(MissingDependency, match=r"sonoedge\[export,heads\]"):
        importlib.import_module("sonoedge_export.heads.skl")
