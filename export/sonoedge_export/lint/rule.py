"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sonoedge_export.lint.view import View

Severity = Literal["error", "warning"]

# What TensorRT does with a graph that breaks the rule: it refuses it, crashes on it,
# reads other numbers than are meant, runs in float what is meant as int8, or takes it.
Outcome = Literal["refused", "crashes", "misread", "float", "accepted"]

# (the node's name, what is wrong there)
Place: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        id: stable, such as "T007".
        name: in a few words, with hyphens.
        severity: "error" where the engine would not be the graph; "warning" where it
            would be slower or larger than need be.
        outcome: what TensorRT does with it.
        why: one sentence.
        remedy: what to do, one sentence.
        check: yields the places that break it.
    """

    id: str
    name: str
    severity: Severity
    outcome: Outcome
    why: str
    remedy: str
    check: Callable[[View], Iterator[Place]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A place where a graph breaks a rule; see `Rule`."""

    id: str
    name: str
    severity: Severity
    node: str
    problem: str
    why: str
    remedy: str
