"""The text format of Prometheus, version 0.0.4: families of samples, line by line.

Label values are members of closed sets, so that nothing of a patient, a file or a device can be
in one; what is no token is refused, which spares escaping as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

PREFIX: Final = "sonoedge_"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_+.\-]{1,64}")
_known: Final[set[str]] = set()  # tokens that were looked at; it is as small as the sets are

Kind = Literal["counter", "gauge"]


def family(
    name: str, kind: Kind, what: str, samples: Iterable[tuple[Mapping[str, str], float]]
) -> str:
    """One metric with all its samples; "" without any.

    Args:
        name: without the prefix; a counter's without "_total".
        what: one sentence for a reader.
        samples: labels and value of each.
    """
    full = f"{PREFIX}{name}_total" if kind == "counter" else PREFIX + name
    lines = [f"{full}{labels_text(labels)} {number(value)}" for labels, value in samples]
    if not lines:
        return ""
    return "\n".join([heading(full, kind, what), *lines, ""])


def single(name: str, kind: Kind, what: str, value: float) -> str:
    """A metric with one sample and no labels."""
    return family(name, kind, what, [({}, value)])


def heading(full: str, kind: str, what: str) -> str:
    """The two lines before a metric's samples."""
    return f"# HELP {full} {what}\n# TYPE {full} {kind}"


def labels_text(labels: Mapping[str, str]) -> str:
    """`{name="value",...}`; "" for none.

    Raises:
        ValueError: a value is no token. It is not in the message.
    """
    if not labels:
        return ""
    for name, value in labels.items():
        if value not in _known:
            if not _TOKEN.fullmatch(value):
                raise ValueError(f"the label {name} got what is no token")
            _known.add(value)
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"


def number(value: float) -> str:
    """A sample's value."""
    return str(value) if isinstance(value, int) else repr(float(value))
