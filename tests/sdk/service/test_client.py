from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt
import pytest

from local_service import LONG_MS, MakeService, Service
from service_client import Peer
from sonoedge import Analysed, Frame
from sonoedge.analysis import Region
from sonoedge.service.codes import RegionFlag, ResultFlag
from sonoedge.service.protocol import SLOTS
from sonoedge_bench.reliability.drive import speckle, wait_until


def lesion(number: int) -> npt.NDArray[np.uint8]:
    pixels = speckle(number).copy()
    pixels[30:70, 40:90] = 20
    return pixels


def same_region(got: object, want: Region) -> None:
    assert got.box == want.box_px  # type: ignore[attr-defined]
    assert got.area_px == want.area_px  # type: ignore[attr-defined]
    assert got.suspicion == want.suspicion  # type: ignore[attr-defined]
    assert got.class_probs == tuple(want.class_probs.values())  # type: ignore[attr-defined]
    assert got.track_id == (-1 if want.track_id is None else want.track_id)  # type: ignore[attr-defined]
    assert got.contour.tolist() == want.contour_px.tolist()  # type: ignore[attr-defined]
    assert bool(got.flags & RegionFlag.FLAGGED) == want.flagged  # type: ignore[attr-defined]
    if want.area_mm2 is not None and want.box_mm is not None:
        assert got.sizes_mm == (want.area_mm2, *want.box_mm)  # type: ignore[attr-defined]


@pytest.mark.req("R65")
def test_a_result_over_the_socket_is_the_sessions_own_in_every_field(service: Service) -> None:
    with service.connect("same") as peer:
        assert peer.labels == list(service.session.labels)
        for number in range(3):
            pixels = lesion(number)
            spacing = {"spacing_row_mm": 0.1, "spacing_column_mm": 0.2}
            captured_ns = time.monotonic_ns()
            frame_id = peer.submit(pixels, captured_ns=captured_ns, **spacing)
            got = peer.result()
            assert got is not None
            frame = Frame(pixels=pixels, spacing_mm=(0.1, 0.2), captured_ns=captured_ns)
            service.session.submit(frame, "beside")
            assert service.session.drain(20)
            want = service.session.latest("beside")
            assert isinstance(want, Analysed)
            assert got.flags & ResultFlag.ANALYSED
            assert (got.frame_id, got.captured_ns) == (frame_id, want.captured_ns)
            assert got.valid_until_ns == captured_ns + int(LONG_MS * 1e6)
            assert got.class_probs == tuple(want.class_probs.values())
            assert bool(got.flags & ResultFlag.FLAGGED) == want.flagged
            assert len(got.regions) == len(want.regions) >= 1
            for mine, its in zip(got.regions, want.regions, strict=True):
                same_region(mine, its)


def test_the_first_words_are_welcome_and_the_state(service: Service) -> None:
    with service.connect() as peer:
        assert peer.welcome is not None
        assert peer.welcome.values["flag_threshold"] == service.session.threshold
        message = peer.receive()
        assert message is not None
        assert (message.name, message.values["state"]) == ("state", 2)
        assert peer.word("state") == 2
        assert wait_until(lambda: peer.word("valid_until_ns") > time.monotonic_ns())


@pytest.mark.req("R67")
def test_whoever_does_not_read_gets_one_old_result_and_then_the_newest(service: Service) -> None:
    with service.connect() as peer:
        count = 12
        for number in range(count):
            frame_id = peer.submit(speckle(number))
            assert wait_until(lambda: peer.word("taken") == peer.seq)
            assert service.session.drain(20)
        old = peer.result(acknowledge=False)
        assert old is not None
        assert old.seq == 1
        assert peer.result(0.3, acknowledge=False) is None
        peer.acknowledge()
        newest = peer.result()
        assert newest is not None
        assert (newest.seq, newest.frame_id) == (count, frame_id)
        assert peer.result(0.3) is None


def test_a_result_that_grew_old_while_it_waited_says_so(make_service: MakeService) -> None:
    service = make_service(max_age_ms=1000.0)
    with service.connect() as peer:
        for number in range(2):
            peer.submit(speckle(number))
            assert wait_until(lambda: peer.word("taken") == peer.seq)
            assert service.session.drain(20)
        old = peer.result(acknowledge=False)
        assert old is not None
        assert old.flags & ResultFlag.ANALYSED
        wait_until(lambda: time.monotonic_ns() > old.captured_ns + 1_500_000_000)
        peer.acknowledge()
        late = peer.result()
        assert late is not None
        assert late.reasons == ("STALE",)
        assert not late.flags & ResultFlag.ANALYSED


def test_a_slot_is_free_again_when_its_frame_was_copied(service: Service) -> None:
    with service.connect() as peer:
        for number in range(3 * SLOTS):
            peer.submit(speckle(number))
        assert wait_until(lambda: peer.word("taken") == 3 * SLOTS)
        last = None
        while last is None or last.seq < 3 * SLOTS:
            last = peer.result()
            assert last is not None


def test_the_pixels_are_copied_before_the_slot_is_free(service: Service) -> None:
    with service.connect() as peer:
        peer.submit(lesion(1))
        assert wait_until(lambda: peer.word("taken") == 1)
        peer.ring[: 120 * 160] = bytes(120 * 160)  # type: ignore[index]
        result = peer.result()
        assert result is not None
        assert result.flags & ResultFlag.ANALYSED


def test_what_a_frame_says_of_itself_wrongly_is_its_outcome_alone(service: Service) -> None:
    with service.connect() as peer:
        for fields, want in (
            ({"spacing_row_mm": -1.0, "spacing_column_mm": 1.0}, "SPACING_INVALID"),
            ({"captured_ns": 1 << 62}, "CAPTURE_CLOCK_NOT_MONOTONIC"),
            ({"flags": 1}, "FRAME_FROZEN"),
            ({"flags": 2}, "FRAME_INVALID"),
            ({"probe": b"\xff"}, "METADATA_INVALID"),
            ({"depth_mm": float("inf")}, "METADATA_INVALID"),
            ({"roi": (-5, 0, 1 << 30, 7)}, None),
        ):
            peer.submit(speckle(7), **fields)
            result = peer.result()
            assert result is not None
            assert want is None or result.reasons == (want,)
        peer.submit(speckle(8))
        good = peer.result()
        assert good is not None
        assert good.flags & ResultFlag.ANALYSED
    assert service.session.status().callback_errors == 0


def test_the_page_of_a_client_that_was_dropped_says_that_nothing_is_valid(
    service: Service,
) -> None:
    peer: Peer
    with service.connect() as peer:
        assert wait_until(lambda: peer.word("valid_until_ns") > 0)
        peer.acknowledge(99)
        assert peer.refusal() == 12
        assert wait_until(lambda: peer.word("valid_until_ns") == 0)
        assert peer.word("state") == 0


def test_frames_that_come_too_late_are_their_clients_matter_and_not_the_sessions(
    make_service: MakeService,
) -> None:
    service = make_service(max_age_ms=1000.0)
    with service.connect() as late, service.connect() as good:
        for number in range(3):
            captured_ns = time.monotonic_ns() - 2_000_000_000
            frame_id = late.submit(speckle(number), captured_ns=captured_ns)
            result = late.result()
            assert result is not None
            assert (result.frame_id, result.reasons) == (frame_id, ("STALE",))
            assert result.captured_ns == captured_ns
            assert result.age_ms >= 2000
        good.submit(speckle(9))
        analysed = good.result()
        assert analysed is not None
        assert analysed.flags & ResultFlag.ANALYSED
        late.submit(speckle(10))
        analysed = late.result()
        assert analysed is not None
        assert analysed.flags & ResultFlag.ANALYSED
    assert service.session.status().state == "READY"
    assert service.session.status().counters.submitted == 2
