"""In what two answers to one frame differ: to the last bit, or beyond what golden frames may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass

from sonoedge.engines.golden_regions import flag_difference
from sonoedge.recording.answer import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One value that differs.

    Attributes:
        key: such as "regions[0].suspicion".
        recorded, now: the values, as text.
    """

    key: str
    recorded: str
    now: str


def exact(recorded: Answer, now: Answer) -> tuple[Difference, ...]:
    """Every value that is not the same to the last bit."""
    return tuple(_walk("", recorded, now))


def beyond_tolerance(
    recorded: Answer, now: Answer, *, probs: float, threshold: float
) -> tuple[Difference, ...]:
    """What differs by more than golden frames may when a bundle is opened.

    Outcome, reasons and temporal flag must be the same; a decided frame must be flagged as it
    was, and for the same regions (`sonoedge.engines.golden_regions`).

    Args:
        probs: largest difference of a class probability.
        threshold: suspicion from which a region is flagged.
    """
    same = [
        difference
        for name in ("outcome", "reasons", "temporal_flag", "localised")
        for difference in _walk(name, getattr(recorded, name), getattr(now, name))
    ]
    if same or not recorded.analysed:
        return tuple(same)
    found = []
    for name in sorted(recorded.class_probs.keys() | now.class_probs.keys()):
        before, after = recorded.class_probs.get(name), now.class_probs.get(name)
        if before is None or after is None or abs(before - after) > probs:
            found.append(_difference(f"class_probs.{name}", before, after))
    flags = flag_difference(recorded.golden(), now.golden(), threshold)
    if flags:
        found.append(Difference(key="flagged", recorded=_text(recorded.flagged), now=flags))
    return tuple(found)


def _walk(key: str, recorded: object, now: object) -> Iterator[Difference]:
    if is_dataclass(recorded) and type(recorded) is type(now):
        for field in fields(recorded):
            name = f"{key}.{field.name}" if key else field.name
            yield from _walk(name, getattr(recorded, field.name), getattr(now, field.name))
    elif isinstance(recorded, Mapping) and isinstance(now, Mapping):
        for name in sorted(recorded.keys() | now.keys()):
            yield from _walk(f"{key}.{name}", recorded.get(name), now.get(name))
    elif _is_list(recorded) and _is_list(now) and len(recorded) == len(now):  # type: ignore[arg-type]
        for number, (a, b) in enumerate(zip(recorded, now, strict=True)):  # type: ignore[call-overload]
            if a != b:
                yield from _walk(f"{key}[{number}]", a, b)
    elif recorded != now:
        yield _difference(key, recorded, now)


def _is_list(value: object) -> bool:
    """A list of values that are looked at one by one; an outline is one value."""
    return isinstance(value, tuple) and all(is_dataclass(item) for item in value)


def _difference(key: str, recorded: object, now: object) -> Difference:
    if isinstance(recorded, tuple) and isinstance(now, tuple) and len(recorded) != len(now):
        return Difference(key=key, recorded=f"{len(recorded)} entries", now=f"{len(now)} entries")
    return Difference(key=key, recorded=_text(recorded), now=_text(now))


def _text(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
