from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge_bench.targets.target import load_target, parse, target_names

# Machines as they would describe themselves; none was measured.


def test_there_is_a_target_for_each_kind_of_machine_and_every_file_can_be_read() -> None:
    assert len(target_names()) >= 8
    for name in target_names():
        result = load_target(name)
        assert result.name == name
        assert result.budget.age_p99_ms <= result.deadline_ms


def test_a_target_that_there_is_not_and_a_file_that_breaks_a_rule_are_refused(
    fields: dict[str, Any],
) -> None:
    with pytest.raises(InvalidSettings, match="no target is called 'toaster'"):
        load_target("toaster")
    with pytest.raises(InvalidSettings, match=r"budget\.age_p99_ms"):
        parse("x", fields | {"budget": fields["budget"] | {"age_p99_ms": "fast"}})
    with pytest.raises(InvalidSettings, match="colour is unknown"):
        parse("x", fields | {"colour": "red"})
    with pytest.raises(InvalidSettings, match="runtime is 'abacus'"):
        parse("x", fields | {"runtime": "abacus"})


def test_a_product_has_a_file_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "product.toml"
    shipped = files("sonoedge_bench.targets") / "x86-vnni.toml"
    text = shipped.read_text().replace("age_p99_ms = 33.3", "age_p99_ms = 20.0")
    file.write_text(text)
    result = load_target(str(file))
    assert (result.name, result.budget.age_p99_ms) == ("product", 20.0)
    for text in ("fps = ", f"fps = {'[' * 5000}"):
        file.write_text(text)
        with pytest.raises(InvalidSettings, match="is not TOML"):
            load_target(str(file))
    with pytest.raises(InvalidSettings, match="cannot be read"):
        load_target(str(tmp_path / "none.toml"))
