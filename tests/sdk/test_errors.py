from __future__ import annotations

import inspect
import re

import pytest

from sonoedge import errors
from sonoedge.errors import SonoedgeError


def tree(cls: type[SonoedgeError] = SonoedgeError) -> list[type[SonoedgeError]]:
    """This class of the module and all below it; test doubles elsewhere do not count."""
    below = [c for sub in cls.__subclasses__() for c in tree(sub)]
    return [cls, *(c for c in below if c.__module__ == errors.__name__)]


TREE = tree()


def test_every_exception_of_the_module_is_in_the_tree() -> None:
    defined = {
        member
        for _, member in inspect.getmembers(errors, inspect.isclass)
        if issubclass(member, BaseException) and member.__module__ == errors.__name__
    }
    assert defined == set(TREE)
    assert len(TREE) > 10


@pytest.mark.req("R43")
def test_tokens_are_unique_stable_words() -> None:
    tokens = [cls.__dict__.get("token") for cls in TREE]
    assert len(set(tokens)) == len(TREE)
    for token in tokens:
        assert re.fullmatch(r"[A-Z]+(_[A-Z]+)*", str(token))


@pytest.mark.parametrize("cls", TREE, ids=[c.__name__ for c in TREE])
def test_every_class_tells_in_a_sentence_what_it_means(cls: type[SonoedgeError]) -> None:
    assert (cls.__dict__.get("__doc__") or "").strip().endswith(".")


@pytest.mark.parametrize("cls", TREE, ids=[c.__name__ for c in TREE])
def test_every_exit_code_is_one_that_the_module_explains(cls: type[SonoedgeError]) -> None:
    explained = re.search(r"Exit codes: (.*?)\.\n", errors.__doc__ or "", re.DOTALL)
    assert explained is not None
    assert cls.exit_code in {int(code) for code in re.findall(r"\b\d\b", explained[1])}


def test_callers_can_catch_the_usual_python_errors() -> None:
    assert issubclass(errors.InvalidSettings, ValueError)
    assert issubclass(errors.MissingDependency, ImportError)
    assert issubclass(errors.BundleNotFound, FileNotFoundError)


def test_a_message_survives_the_foreign_bases() -> None:
    for cls in TREE:
        assert str(cls("what happened; what to do")) == "what happened; what to do"
