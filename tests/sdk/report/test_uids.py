from __future__ import annotations

import re

from sonoedge.report.uids import new_uid, uid_of


def test_uids_are_valid_and_new() -> None:
    uids = {new_uid() for _ in range(1000)}
    assert len(uids) == 1000
    assert all(re.fullmatch(r"2\.25\.[1-9]\d*", uid) and len(uid) <= 64 for uid in uids)


def test_the_same_texts_have_the_same_uid() -> None:
    assert uid_of("a", "b") == uid_of("a", "b") != uid_of("a", "c")
