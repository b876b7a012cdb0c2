"""A description as plain values, and as text for a terminal."""

from __future__ import annotations

import textwrap
from typing import Any, Final

from sonoedge.analysis import Analysed, Region
from sonoedge.description import Description, NotDescribed
from sonoedge.outputs.jsonl import record
from sonoedge.outputs.opinions import opinion_sentences, opinion_values
from sonoedge.outputs.wording import likeliest

SCHEMA_VERSION: Final = 1
WIDTH: Final = 80


def description_record(description: Description) -> dict[str, Any]:
    """A description as values that strict JSON can hold; its keys are always the same.

    `described` says whether there is one. A measure that could not be taken is None, as all are
    of a region that was not described.
    """
    if isinstance(description, NotDescribed):
        return {
            "described": False,
            "reason": description.reason.value,
            "detail": description.detail,
            "sentence": None,
            "words": None,
            "measures": None,
            **opinion_values(None),
        }
    measures = description.measures
    return {
        "described": True,
        "reason": None,
        "detail": "",
        "sentence": description.sentence,
        "words": [
            {
                "name": entry.name,
                "value": entry.value,
                "unit": entry.unit,
                "word": entry.word,
                "reliable": entry.reliable,
            }
            for entry in description.words
        ],
        "measures": {name: measures.value(name) for name in measures.names},
        **opinion_values(description),
    }


def frame_record(
    analysis: Analysed, descriptions: tuple[Description, ...], *, file: str
) -> dict[str, Any]:
    """A frame's analysis as a line of JSON Lines has it, and its regions' descriptions."""
    return {
        "schema_version": SCHEMA_VERSION,
        "analysis": record(analysis, file=file),
        "descriptions": [description_record(each) for each in descriptions],
    }


def frame_text(analysis: Analysed, descriptions: tuple[Description, ...]) -> str:
    """A frame's regions, one after the other."""
    if not analysis.localised:
        return "This network classifies alone: it has no region to describe."
    if not analysis.regions:
        return "No region was found."
    each = zip(analysis.regions, descriptions, strict=True)
    return "\n".join(
        _region_text(number, region, description)
        for number, (region, description) in enumerate(each, start=1)
    )


def _region_text(number: int, region: Region, description: Description) -> str:
    x0, y0, x1, y1 = region.box_px
    flag = "FLAGGED" if region.flagged else "not flagged"
    head = f"region {number}: {flag}, {likeliest(region)}, box {x0} {y0} {x1} {y1}"
    if isinstance(description, NotDescribed):
        why = f" ({description.detail})" if description.detail else ""
        body = f"NOT DESCRIBED: {description.reason.value}{why}"
    else:
        measures = description.measures
        missing = len(measures.not_measured)
        body = description.sentence or f"{len(measures.names)} measures; --json shows them."
        if missing:
            body += f" {missing} of {len(measures.names)} measures could not be taken."
        body = " ".join((body, *opinion_sentences(description)))
    indent = "  "
    # A head's name, such as svm-rbf, stays whole.
    filled = textwrap.fill(
        body, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
    return f"{textwrap.fill(head, WIDTH, subsequent_indent=indent)}\n{filled}"
