"""Without scikit-learn the command that installs it is named."""

from __future__ import annotations

import importlib
import sys

import pytest

from sonoedge.errors import MissingDependency


def test_without_scikit_learn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n == "sklearn" or n.startswith("sklearn.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.delitem(sys.modules, "sonoedge_export.heads.skl", raising=False)
    with pytest.raises((MissingDependency, ModuleNotFoundError)) as refusal:
        importlib.import_module("sonoedge_export.heads.skl")
    assert isinstance(refusal.value, MissingDependency)
    assert "sonoedge[export,heads]" in str(refusal.value)
