from __future__ import annotations

import contextlib
import os
import random
import select
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local_service import MakeService, Service
from service_client import Peer
from service_messages import BY_KIND, hello, pack
from sonoedge import Frame, Status
from sonoedge.service import loop as loops
from sonoedge.service.codes import Refusal, ResultFlag
from sonoedge.service.protocol import ACK, HELLO_S, MAX_CLIENTS
from sonoedge.session import LiveSession
from sonoedge.session.intake import MAX_STREAMS
from sonoedge_bench.reliability.drive import speckle, wait_until

MUTATIONS = int(os.environ.get("SONOEDGE_SERVICE_MUTATIONS", "1500"))  # for each entry


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def settled(service: Service, files: int) -> bool:
    """Whether no client has left a descriptor behind."""
    return wait_until(lambda: open_files() <= files, 5)


def still_serves(service: Service) -> bool:
    with service.connect("steady") as peer:
        peer.submit(speckle(time.monotonic_ns() % 10**9))  # none twice: that would be frozen
        result = peer.result()
        return result is not None and bool(result.flags & ResultFlag.ANALYSED)


@pytest.mark.parametrize(
    ("say", "want"),
    [
        (lambda p: p.send(b"\1\2\3"), Refusal.MESSAGE_INVALID),
        (lambda p: p.send(hello(b"", 2, 9)), Refusal.VERSION_UNKNOWN),
        (lambda p: p.send(hello(b"a\0b")), Refusal.STREAM_INVALID),
        (lambda p: p.send(bytes(5000)), Refusal.MESSAGE_TOO_LONG),
        (lambda p: p.send(hello(), [0]), Refusal.DESCRIPTORS_REFUSED),
    ],
)
def test_what_is_no_hello_is_answered_by_a_token(
    service: Service, say: Callable[[Peer], None], want: Refusal
) -> None:
    with service.connect(None) as peer:
        say(peer)
        assert peer.refusal() == want
    assert still_serves(service)


@pytest.mark.parametrize(
    ("say", "want"),
    [
        (lambda p: p.send(hello()), Refusal.MESSAGE_INVALID),
        (lambda p: p.submit(speckle(1), seq=2), Refusal.SEQUENCE_INVALID),
        (lambda p: p.submit(speckle(1), slot=1), Refusal.SLOT_INVALID),
        (lambda p: p.submit(speckle(1), width=9000), Refusal.FRAME_TOO_LARGE),
        (lambda p: p.submit(speckle(1), acknowledged=7), Refusal.ACKNOWLEDGEMENT_INVALID),
        (lambda p: p.send(p.frame_message(speckle(1))[:-1]), Refusal.MESSAGE_INVALID),
        (lambda p: p.send(p.frame_message(speckle(1)), [0, 1]), Refusal.DESCRIPTORS_REFUSED),
        (lambda p: p.send(p.frame_message(speckle(1)) + bytes(9000)), Refusal.MESSAGE_TOO_LONG),
    ],
)
def test_what_no_client_should_say_ends_its_connection_and_no_other(
    service: Service, say: Callable[[Peer], None], want: Refusal
) -> None:
    with service.connect() as other, service.connect() as peer:
        say(peer)
        assert peer.refusal() == want
        other.submit(speckle(2))
        assert other.result() is not None


@pytest.mark.req("R68")
def test_mutated_messages_end_nothing_but_their_connections(
    make_service: MakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The suite takes a sample: `make mutations` attacks longer."""
    monkeypatch.setattr(loops.log, "disabled", True)  # a line for each would be kept
    service = make_service()  # of its own: its counters and descriptors are looked at
    assert still_serves(service)
    time.sleep(0.1)
    files, rng, picture = open_files(), random.Random(7), speckle(3)
    entries: dict[str, Callable[[Peer], bytes]] = {
        "hello": lambda peer: hello(b"name"),
        "frame": lambda peer: peer.frame_message(picture, probe=b"L12"),
        "ack": lambda peer: pack(ACK, 0, peer.acknowledged),
    }
    for entry, make in entries.items():
        peer: Peer | None = None
        begin_s = time.monotonic()
        for _ in range(MUTATIONS):
            if peer is None:
                peer = service.connect(None if entry == "hello" else "steady")
            message = make(peer)
            data = mutated(message, rng)
            try:
                peer.send(data, [0] if rng.random() < 0.01 else None)
                if entry == "frame" and data == message:
                    peer.seq += 1
                drained = (entry != "hello" and rng.random() < 0.5) or drain(peer)
            except OSError:
                drained = False
            if not drained or entry == "hello":
                peer.close()
                peer = None
        if peer is not None:
            peer.close()
        print(f"{entry}: {MUTATIONS} messages in {time.monotonic() - begin_s:.0f} s")
        status = service.session.status()
        assert (status.state, status.reasons) == ("READY", ())
        assert status.callback_errors == 0
        assert status.counters.balanced
    assert settled(service, files)
    assert still_serves(service)


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The message with bits flipped, bytes set, cut, lengthened or doubled; some times as it is."""
    how, raw = rng.randrange(6), bytearray(data)
    if how == 0:
        raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    elif how == 1:
        for _ in range(rng.randrange(1, 9)):
            raw[rng.randrange(len(raw))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF))
    elif how == 2:
        del raw[rng.randrange(len(raw)) :]
    elif how == 3:
        raw += rng.randbytes(rng.randrange(1, 6000))
    elif how == 4:
        raw = raw * 2
    return bytes(raw)


def drain(peer: Peer) -> bool:
    """Read what there is; False at the connection's end. What the service says is well formed."""
    while select.select([peer.socket], [], [], 0)[0]:
        data = peer.socket.recv(200_000)
        if not data:
            return False
        layout = BY_KIND[int.from_bytes(data[:4], "little")]
        assert len(data) >= layout.size
    return True


def test_two_clients_each_get_their_own_results(service: Service) -> None:
    with service.connect() as first, service.connect() as second:
        for number in range(5):
            ids = [
                first.submit(speckle(number), frame_id=100 + number),
                second.submit(speckle(number + 50), frame_id=200 + number),
            ]
            results = [first.result(), second.result()]
            assert [result and result.frame_id for result in results] == ids


def test_a_flood_of_one_client_loses_no_frame_of_another(service: Service) -> None:
    with service.connect() as calm, service.connect() as flood:
        flood.socket.setblocking(False)
        analysed = 0
        for number in range(20):
            calm.submit(speckle(number))
            for again in range(50):
                with contextlib.suppress(BlockingIOError):
                    flood.submit(speckle(again), acknowledged=0)
            result = calm.result()
            assert result is not None
            analysed += bool(result.flags & ResultFlag.ANALYSED)
        assert analysed == 20


def test_a_name_is_one_clients_until_it_goes(service: Service) -> None:
    with service.connect("probe"), service.connect(None) as second:
        second.send(hello(b"probe"))
        assert second.refusal() == Refusal.STREAM_IN_USE
    service.connect("probe").close()
    service.connect("probe").close()


def test_hosts_that_die_before_their_first_frame_keep_no_name_from_others(
    service: Service,
) -> None:
    for number in range(MAX_STREAMS + 10):
        service.connect(f"start {number}").close()
    assert still_serves(service)


def test_a_stream_rests_for_as_long_as_the_bundle_remembers_tracks(
    service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rests: list[float] = []
    monkeypatch.setattr(loops, "Streams", rests.append)
    with loops_endpoint(tmp_path / "so.sock") as endpoint:
        for gap_ms in (1000.0, 30_000.0):
            monkeypatch.setattr(LiveSession, "track_gap_ms", gap_ms)
            loops.Loop(service.session, endpoint, loops.Clients(), max_age_ms=150.0)
    assert rests == [10.0, 30.15]


def test_no_more_clients_are_taken_than_there_may_be(service: Service) -> None:
    files = open_files()
    with contextlib.ExitStack() as stack:
        for number in range(MAX_CLIENTS):
            stack.enter_context(service.connect(f"many {number % 20}"))
        with service.connect(None) as late:
            assert late.refusal() == Refusal.TOO_MANY_CLIENTS
    assert settled(service, files)
    assert still_serves(service)


def test_whoever_says_nothing_is_dropped(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sonoedge.service.client.HELLO_S", 0.05)
    with service.connect(None) as peer:
        assert peer.refusal() == Refusal.SILENT
    assert HELLO_S == 5.0


def test_frames_without_a_reader_settle_and_leave_nothing(service: Service) -> None:
    files = open_files()
    for number in range(20):
        with service.connect("brief") as peer:
            peer.submit(speckle(number))
            peer.submit(speckle(number + 1))
    assert settled(service, files)
    assert service.session.drain(20)
    assert service.session.status().counters.balanced


def test_a_pause_is_told_and_every_client_sees_that_nothing_is_valid(service: Service) -> None:
    with service.connect() as peer:
        peer.receive()
        peer.acknowledge(1)
        try:
            service.session.pause()
            message = peer.receive()
            assert message is not None
            assert (message.name, message.values["state"]) == ("state", 4)
            assert peer.word("state") == 4
            assert peer.word("valid_until_ns") <= time.monotonic_ns()
        finally:
            service.session.resume()
        assert peer.receive(0.3) is None  # the last one was not acknowledged
        peer.acknowledge(2)
        message = peer.receive()
        assert message is not None
        assert message.values["state"] == 2


def test_whoever_does_not_read_states_gets_one_old_and_then_the_newest(service: Service) -> None:
    with service.connect() as peer:
        assert wait_until(lambda: peer.word("state") == 2)
        for _ in range(5):
            service.session.pause()
            assert wait_until(lambda: peer.word("state") == 4)
            service.session.resume()
            assert wait_until(lambda: peer.word("state") == 2)
        first = peer.receive()
        assert first is not None
        assert first.values["state"] == 2
        assert peer.receive(0.2) is None
        service.session.pause()
        try:
            peer.acknowledge(1)
            newest = peer.receive()
            assert newest is not None
            assert newest.values["state"] == 4
        finally:
            service.session.resume()


def test_observers_hear_each_second_and_end_nothing(make_service: MakeService) -> None:
    heard: list[Status] = []

    def fails(status: Status) -> None:
        raise RuntimeError("no disk")

    service = make_service(observers=(fails, heard.append))
    assert wait_until(lambda: len(heard) >= 2, 10)
    assert heard[-1].state == "READY"
    assert still_serves(service)


def test_all_clients_are_told_of_the_end(make_service: MakeService, tmp_path: Path) -> None:
    import threading

    service = make_service()
    path = tmp_path / "second.sock"
    clients = loops.Clients()
    with loops_endpoint(path) as endpoint:
        goes_on = threading.Event()
        loop = loops.Loop(service.session, endpoint, clients, max_age_ms=1000.0)
        thread = threading.Thread(target=loop.run, args=(lambda: not goes_on.is_set(),))
        thread.start()
        with Peer(path) as peer:
            goes_on.set()
            assert peer.refusal() == Refusal.CLOSING
        thread.join(5)
        assert not thread.is_alive()


def loops_endpoint(path: Path) -> contextlib.AbstractContextManager[loops.Endpoint]:
    from sonoedge.service.endpoint import listen

    return listen(path)


def test_a_result_of_a_client_that_has_gone_is_nobodys(service: Service) -> None:
    service.session.submit(Frame(pixels=speckle(3)), "client-60")
    assert service.session.drain(20)
    assert service.session.status().callback_errors == 0
