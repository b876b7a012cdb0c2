"""Errors that came from another process, as a token and a message: made into errors again."""

from __future__ import annotations

from sonoedge.errors import EngineFailed, SonoedgeError


def error_of(token: str, message: str) -> SonoedgeError:
    """The error of a token again, as it came from another process.

    A token that is none of this tree gives `EngineFailed`, which names it.
    """
    classes: list[type[SonoedgeError]] = [SonoedgeError]
    for cls in classes:
        if cls.token == token and cls.__module__ == SonoedgeError.__module__:
            return cls(message)
        classes += cls.__subclasses__()
    return EngineFailed(f"{token}: {message}")
