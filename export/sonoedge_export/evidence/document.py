"""A JSON document, and its values as cells that know their keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sonoedge.bundle.names import printable
from sonoedge.errors import InvalidData
from sonoedge_export.evidence.cells import NOT_PROVIDED, Cell, NotProvided, Source, TooFew, Value
from sonoedge_export.evidence.forms import Form, integer, interval

FEWEST: Final = 10  # of fewer samples no figure is shown
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that was read.

    Attributes:
        name: of the file.
        role: what it is in the pack, such as "bench".
        sha256, bytes: of the file as it was read.
        data: what it holds.
    """

    name: str
    role: str
    sha256: str
    bytes: int
    data: Any = field(repr=False)

    @property
    def root(self) -> Place:
        """The document as a whole."""
        return Place(document=self, path=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a document, whether a value stands there or not."""

    document: Document
    path: tuple[str | int, ...]

    def __truediv__(self, key: str | int) -> Place:
        return Place(document=self.document, path=(*self.path, key))

    @property
    def key(self) -> str:
        """The place's full key, such as `variants[0].metrics.frames`."""
        result = ""
        for part in self.path:
            plain = isinstance(part, str) and _WORD.fullmatch(part)
            result += (f".{part}" if result else str(part)) if plain else f"[{part}]"
        return result

    @property
    def source(self) -> Source:
        """The document and this key."""
        return Source(file=self.document.name, keys=(self.key,) if self.path else ())

    @property
    def value(self) -> Any:
        """The value; None where there is none."""
        value = self.document.data
        for part in self.path:
            if isinstance(part, int):
                value = value[part] if isinstance(value, list) and part < len(value) else None
            else:
                value = value.get(part) if isinstance(value, Mapping) else None
        return value

    @property
    def if_empty(self) -> str:
        """What is said in place of the rows of a list or table that has none."""
        return NOT_PROVIDED if self.value is None else "none"

    def rows(self) -> Iterator[Place]:
        """The places of a list; none where there is no list.

        Raises:
            InvalidData: something else stands there.
        """
        value = self.value
        if value is not None and not isinstance(value, list):
            raise self._refused("a list")
        return (self / number for number in range(len(value or ())))

    def items(self) -> Iterator[tuple[str, Place]]:
        """Names and places of a table; none where there is no table.

        Raises:
            InvalidData: something else stands there.
        """
        value = self.value
        if value is not None and not isinstance(value, Mapping):
            raise self._refused("a table of keys")
        return ((str(name), self / str(name)) for name in value or ())

    def text(self) -> str:
        """The text that must stand there.

        Raises:
            InvalidData: none does.
        """
        value = self.value
        if not isinstance(value, str):
            raise self._refused("text")
        return value

    @property
    def is_null(self) -> bool:
        """The key stands there, and says null: a statement, where an absent key is none."""
        if not self.path:
            return False
        above = Place(document=self.document, path=self.path[:-1]).value
        return isinstance(above, Mapping) and self.path[-1] in above and self.value is None

    def cell(self, form: Form, *, null: str | None = None) -> Cell:
        """The value as a cell.

        Args:
            null: what null says where it is a value, such as "any"; without it null is no value.

        Raises:
            InvalidData: it is not of the form's kind.
        """
        value = self.value
        if null is not None and self.is_null:
            return Value(text=null, value=None, source=self.source)
        if value is None:
            return NotProvided(source=self.source)
        return Value(text=self._written(form), value=value, source=self.source)

    def figure(self, name: str, form: Form, *, ci: str | None = None, n: str | None = None) -> Cell:
        """A figure below this place, with its 95 % interval and the samples that it is of.

        Args:
            name: its key.
            ci: the key of its interval.
            n: the key of its count; below 10 the figure is not shown.

        Raises:
            InvalidData: one of them is not of its kind.
        """
        cell = (self / name).cell(form)
        beside = [self / key for key in (ci, n) if key is not None]
        source = Source(
            file=self.document.name,
            keys=((self / name).key, *(place.key for place in beside if place.value is not None)),
        )
        if isinstance(cell, NotProvided):
            return cell
        details = []
        if ci is not None and (self / ci).value is not None:
            details.append((self / ci)._written(interval))
        if n is not None:
            count = (self / n).value
            details.append(
                "n not provided" if count is None else f"n = {(self / n)._written(integer)}"
            )
            if count is not None and count < FEWEST:
                return TooFew(count=count, source=source)
        assert isinstance(cell, Value)
        return Value(text=cell.text, value=cell.value, source=source, detail="; ".join(details))

    def _written(self, form: Form) -> str:
        try:
            return printable(form(self.value))
        except TypeError as error:
            raise self._refused(str(error)) from None

    def _refused(self, expected: str) -> InvalidData:
        return InvalidData(
            f"{self.document.name}: {printable(self.key)[:120] or 'the document'} must be "
            f"{expected}; it is {type(self.value).__name__}: make the document again"
        )
