"""`with` for what has a `close`."""

from __future__ import annotations

import abc
from types import TracebackType
from typing import TypeVar

T = TypeVar("T", bound="Closing")


class Closing(abc.ABC):
    """Closes itself at the end of a `with` block."""

    @abc.abstractmethod
    def close(self) -> None:
        """Let go; closing twice is harmless."""

    def __enter__(self: T) -> T:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
