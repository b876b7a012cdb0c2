from __future__ import annotations

import numpy as np
import pytest

import sonoedge
from scope_samples import TEXTURED, speckle, stripes
from sonoedge.bundle import read_bundle
from sonoedge.errors import EmbeddingMissing
from sonoedge.frames import Frame
from sonoedge.scope.embeddings import check_has_embedding, embed
from sonoedge.trust.policy import TrustPolicy

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")


def test_frames_go_the_way_of_live_ones_and_each_picture_counts_once() -> None:
    bundle = read_bundle(TEXTURED, trust=TrustPolicy())
    black = np.zeros((120, 160), np.uint8)
    pictures = [speckle(1), stripes(1), speckle(1), black, speckle(2)]
    done: list[int] = []
    with sonoedge.open(TEXTURED, tracking=False) as analyser:
        found = embed(bundle, analyser, [Frame(pixels=p) for p in pictures], done.append)
        again = embed(bundle, analyser, [Frame(pixels=speckle(2))])
    assert (len(found), found.repeated, found.stopped) == (3, 1, 1)
    assert np.linalg.norm(found.vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert (again.vectors[0] == found.vectors[2]).all()
    assert found.take([2]).sha256 == again.sha256
    assert done == [1, 2, 3, 4, 5]


def test_a_bundle_without_an_embedding_says_what_to_do() -> None:
    plain = read_bundle(TEXTURED.with_name("tiny"), trust=TrustPolicy())
    with pytest.raises(EmbeddingMissing, match=r"\[outputs.embedding\]"):
        check_has_embedding(plain)
    check_has_embedding(read_bundle(TEXTURED, trust=TrustPolicy()))
