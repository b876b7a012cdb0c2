"""The page of the recipe's keys: every field of every settings class, with its meaning."""

from __future__ import annotations

import dataclasses
import re

import pytest

import recipe_page
from sonoedge.bundle.card import Card, CardData
from sonoedge.bundle.gates import Gates
from sonoedge.guard import GuardSettings
from sonoedge.processing.evidence import EvidenceSettings
from sonoedge.processing.geometry import Roi
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge_export.recipe.calibration import Calibration
from sonoedge_export.recipe.expected import Expected
from sonoedge_export.recipe.network import Network
from sonoedge_export.recipe.outputs import Output, Outputs
from sonoedge_export.recipe.prune import Prune, Recover
from sonoedge_export.recipe.quantize import Quantize
from sonoedge_export.recipe.recipe import NOT_KEYS, Data, LabelledFrames, Recipe

SECTIONS: dict[str, type] = {
    "Top level": Recipe,
    "network": Network,
    "input": PreprocessSpec,
    "input.roi": Roi,
    "outputs": Outputs,
    "outputs.lesion_map": Output,
    "postprocess": PostprocessSpec,
    "data": Data,
    "guard": GuardSettings,
    "tracking": TrackingSettings,
    "tracking.evidence": EvidenceSettings,
    "gates": Gates,
    "operating_point": LabelledFrames,
    "expected": Expected,
    "calibration": Calibration,
    "quantize": Quantize,
    "prune": Prune,
    "prune.recover": Recover,
    "card": Card,
    "card.data": CardData,
}


@pytest.fixture(scope="module")
def sections() -> dict[str, dict[str, list[str]]]:
    """Heading -> key -> type, default and meaning."""
    (text,) = recipe_page.pages().values()
    tables = {}
    for section in text.split("\n## ")[1:]:
        rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section, re.MULTILINE)
        tables[section.partition("\n")[0]] = {
            key: [cell.strip() for cell in re.split(r"(?<!\\)\|", cells)] for key, cells in rows
        }
    return tables


def test_every_settings_class_has_its_table(sections: dict[str, dict[str, list[str]]]) -> None:
    assert list(sections) == list(SECTIONS)


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_field_is_told_with_type_default_and_meaning(
    sections: dict[str, dict[str, list[str]]], heading: str
) -> None:
    fields = [f.name for f in dataclasses.fields(SECTIONS[heading]) if f.name not in NOT_KEYS]
    assert list(sections[heading]) == fields
    for key, cells in sections[heading].items():
        assert len(cells) == 3, key
        assert all(cells), key


@pytest.mark.parametrize(
    ("heading", "key", "type_", "default"),
    [
        ("Top level", "name", "text", "required"),
        ("Top level", "guard", "table, see [guard](#guard)", "its keys' defaults"),
        ("input", "resize", '`"letterbox"`, `"stretch"`', '`"letterbox"`'),
        ("network", "mean", "number, or list of number", "none"),
        ("card", "data", "list of tables, see [card.data](#carddata)", "`[]`"),
        ("guard", "aspect", "list of 2: number, number", "`[0.25, 4.0]`"),
        (
            "outputs",
            "lesion_map",
            'table, see [outputs.lesion_map](#outputslesion_map), or `"none"`',
            "none",
        ),
    ],
)
def test_types_and_defaults_are_in_words(
    sections: dict[str, dict[str, list[str]]], heading: str, key: str, type_: str, default: str
) -> None:
    assert sections[heading][key][:2] == [type_, default]
