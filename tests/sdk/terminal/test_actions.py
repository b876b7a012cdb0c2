from __future__ import annotations

import pytest

from sonoedge.verbs.audit import audit
from sonoedge.verbs.grant import grant
from sonoedge.verbs.keyring import keyring
from sonoedge.verbs.store import store

VERBS = {v.__name__: v for v in (audit, grant, keyring, store)}


@pytest.mark.parametrize(
    ("verb", "word", "said"),
    [
        ("store", "activte", "'activte' is unknown (did you mean activate?); it is one of status,"),
        ("audit", "verfy", "'verfy' is unknown (did you mean verify?); it is one of init, verify"),
        ("keyring", "--x", "required: ACTION"),
        ("grant", "hsow", "(did you mean show?)"),
        ("grant", "xyz", "'xyz' is unknown; it is one of new, sign, show"),
    ],
)
def test_of_an_unknown_action_the_one_that_was_meant_is_named(
    verb: str, word: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        VERBS[verb]([word])
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err
