from __future__ import annotations

import inspect

from sonoedge import errors
from sonoedge.error_tokens import error_of

TREE = [
    c for _, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == errors.__name__
]


def test_errors_cross_to_another_process_by_their_token() -> None:
    assert errors.SonoedgeError in TREE
    for cls in TREE:
        again = error_of(cls.token, "what happened")
        assert (type(again), str(again)) == (cls, "what happened")


def test_a_token_of_a_newer_version_is_named() -> None:
    placeholder = error_of("NEWER_THAN_US", "what")
    assert type(placeholder) is errors.EngineFailed
    assert "NEWER_THAN_US" in str(placeholder)
