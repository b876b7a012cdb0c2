from __future__ import annotations

import gc
import io
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pynetdicom = pytest.importorskip("pynetdicom", reason="needs the extra send")

import pydicom  # noqa: E402

from archives import free_port, orthanc, storescp  # noqa: E402
from sonoedge.send.cstore import store  # noqa: E402
from sonoedge.send.delivery import Delivery, Outcome  # noqa: E402
from sonoedge.send.instances import instances  # noqa: E402
from sonoedge.send.peer import Peer  # noqa: E402

TIMEOUT_S = 1.0
UNANSWERED = (Outcome.NO_ANSWER, "connected, and the association was not answered")
# pynetdicom leaves a socket to the garbage collector where a connection fails.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def leaks_end_here() -> Iterator[None]:
    yield
    gc.collect()


def send(folder: Path, port: int, title: str = "ORTHANC", **changes: Any) -> list[Delivery]:
    peer = Peer(title=title, host="127.0.0.1", port=port)
    values: dict[str, Any] = {"calling": "SONOEDGE", "timeout_s": TIMEOUT_S}
    return list(store(instances(folder), peer, **(values | changes)))


@contextmanager
def no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    end_s = time.monotonic() + 3
    while (left := set(threading.enumerate()) - before) and time.monotonic() < end_s:
        time.sleep(0.01)
    assert left == set()


@pytest.mark.req("R57")
def test_orthanc_stores_one_study_of_four_series_and_again_leaves_it_as_it_is(
    folder: Path, tmp_path: Path
) -> None:
    with orthanc(tmp_path) as archive, no_thread_left():
        for _ in range(2):
            deliveries = send(folder, archive.dicom, timeout_s=20.0)
            assert [d.outcome for d in deliveries] == [Outcome.STORED] * 4, deliveries
            assert archive.counts() == (1, 4, 4)
        stored = [
            archive.get(f"/instances/{i}/file") for i in json.loads(archive.get("/instances"))
        ]
    received = {d.SOPInstanceUID: d for d in (pydicom.dcmread(io.BytesIO(s)) for s in stored)}
    for instance in instances(folder):
        assert received[instance.uid] == instance.data_set()


def test_orthanc_says_why_it_refuses(folder: Path, tmp_path: Path) -> None:
    with orthanc(tmp_path) as archive:
        called = send(folder, archive.dicom, "NOBODY", timeout_s=20.0)
        assert {str(d).split("  ")[1] for d in called} == {
            "refused: the association was rejected: Called AE title not recognised"
        }
        calling = send(folder, archive.dicom, calling="STRANGER", timeout_s=20.0)
        assert not any(d.stored for d in calling)
        assert archive.counts() == (0, 0, 0)


@pytest.mark.req("R57")
@pytest.mark.parametrize(
    ("options", "outcome", "detail"),
    [
        (("--refuse",), Outcome.REFUSED, "the association was rejected"),
        (("--abort-after",), Outcome.NO_ANSWER, "aborted"),
        (("--abort-during",), Outcome.NO_ANSWER, "aborted"),
        (("--sleep-during", "5"), Outcome.NO_ANSWER, "not in time"),
        (("--sleep-after", "5"), Outcome.STORED, ""),
    ],
)
def test_a_fault_of_the_peer_is_its_line_in_time_and_leaves_no_thread(
    one: Path, tmp_path: Path, options: tuple[str, ...], outcome: Outcome, detail: str
) -> None:
    with storescp(tmp_path, *options) as port, no_thread_left():
        begin_s = time.monotonic()
        (delivery,) = send(one, port)
        elapsed_s = time.monotonic() - begin_s
    print(f"{' '.join(options)}: {delivery.outcome.value}, {elapsed_s:.2f} s")
    assert delivery.outcome is outcome
    assert detail in delivery.detail


def test_after_no_answer_nothing_more_is_sent(folder: Path, tmp_path: Path) -> None:
    with storescp(tmp_path, "--abort-during") as port:
        deliveries = send(folder, port)
    outcomes = [d.outcome for d in deliveries]
    assert outcomes == [Outcome.NO_ANSWER, *[Outcome.NOT_SENT] * 3]


def test_nobody_there_is_no_answer(folder: Path) -> None:
    with no_thread_left():
        deliveries = send(folder, free_port())
    assert {(d.outcome, d.detail) for d in deliveries} == {(Outcome.NO_ANSWER, "no connection")}


@pytest.mark.parametrize("host", ["archive.invalid", "a" * 64 + ".invalid", ".."])
def test_a_host_that_nobody_knows_is_no_answer(folder: Path, host: str) -> None:
    peer = Peer(title="ORTHANC", host=host, port=104)
    with no_thread_left():
        deliveries = list(store(instances(folder), peer, calling="SONOEDGE", timeout_s=TIMEOUT_S))
    assert [(d.outcome, d.detail) for d in deliveries] == [
        (Outcome.NO_ANSWER, "the name of the host is not known here")
    ] * 4


def test_a_peer_that_says_nothing_is_no_answer(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, no_thread_left():
        begin_s = time.monotonic()
        deliveries = send(folder, silent.getsockname()[1])
        print(f"silent: {time.monotonic() - begin_s:.2f} s")
    assert {(d.outcome, d.detail) for d in deliveries} == {UNANSWERED}


@contextmanager
def saying(words: bytes) -> Iterator[int]:
    """A peer that answers an association's request by these bytes, and closes with the other."""

    def talk(server: socket.socket) -> None:
        link, _ = server.accept()
        with link:
            link.recv(65536)
            link.sendall(words)
            while link.recv(65536):
                pass

    with socket.create_server(("127.0.0.1", 0)) as server, no_thread_left():
        threading.Thread(target=talk, args=(server,)).start()
        yield server.getsockname()[1]


@pytest.mark.req("R57")
def test_an_answer_that_ends_halfway_is_no_answer(folder: Path) -> None:
    half = bytes([2, 0, 0, 0, 1, 0]) + bytes(20)  # an A-ASSOCIATE-AC of 256 bytes, of which 20 come
    with saying(half) as port:
        deliveries = send(folder, port)
    assert {(d.outcome, d.detail) for d in deliveries} == {UNANSWERED}


def test_that_a_peer_may_speak_no_tls_is_said(folder: Path) -> None:
    with saying(b"HTTP/1.1 400 Bad Request") as port:
        deliveries = send(folder, port, tls=ssl.create_default_context())
    assert {(d.outcome, d.detail) for d in deliveries} == {
        (Outcome.NO_ANSWER, "no connection, or none by TLS")
    }


@pytest.mark.req("R57")
@pytest.mark.parametrize(
    ("code", "why"),
    [
        (7, ": Called AE title not recognised"),
        (99, ""),  # which the standard does not know
    ],
)
def test_a_rejection_that_comes_before_we_look_is_a_refusal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, code: int, why: str
) -> None:
    send_request = pynetdicom.acse.ACSE.send_request

    def slowly(acse: Any) -> None:
        send_request(acse)
        time.sleep(0.3)

    monkeypatch.setattr(pynetdicom.acse.ACSE, "send_request", slowly)
    with saying(bytes([3, 0, 0, 0, 0, 4, 0, 1, 1, code])) as port:
        deliveries = send(folder, port)
    assert {(d.outcome, d.detail) for d in deliveries} == {
        (Outcome.REFUSED, f"the association was rejected{why}")
    }


@contextmanager
def peer(answer: Callable[[Any], int], classes: list[str]) -> Iterator[int]:
    ae = pynetdicom.AE("ORTHANC")
    for sop_class in classes:
        ae.add_supported_context(sop_class)
    port = free_port()
    server = ae.start_server(
        ("127.0.0.1", port), block=False, evt_handlers=[(pynetdicom.evt.EVT_C_STORE, answer)]
    )
    try:
        yield port
    finally:
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "outcome", "detail"),
    [
        (0x0000, Outcome.STORED, ""),
        (0xB000, Outcome.WARNING, "0xB000, values were changed"),
        (0xA700, Outcome.REFUSED, "0xA700, out of resources"),
        (0xA900, Outcome.REFUSED, "0xA900, it does not fit its class"),
        (0xC123, Outcome.REFUSED, "0xC123, it cannot be understood"),
        (0x0124, Outcome.REFUSED, "0x0124, not allowed"),
        (0x0210, Outcome.REFUSED, "0x0210"),
    ],
)
def test_each_status_has_its_words(one: Path, status: int, outcome: Outcome, detail: str) -> None:
    with peer(lambda event: status, [instances(one)[0].sop_class]) as port:
        (delivery,) = send(one, port)
    assert (delivery.outcome, delivery.detail) == (outcome, detail)


def test_a_class_that_is_not_taken_is_refused_and_the_others_are_stored(folder: Path) -> None:
    classes = [i.sop_class for i in instances(folder) if i.name in ("sr.dcm", "source.dcm")]
    with peer(lambda event: 0x0000, classes) as port:
        deliveries = {d.name: d for d in send(folder, port)}
    assert deliveries["seg.dcm"].detail == "its class or transfer syntax is not taken"
    assert [n for n, d in deliveries.items() if d.stored] == ["source.dcm", "sr.dcm"]


def test_a_peer_that_takes_no_class_at_all_refuses(one: Path) -> None:
    with peer(lambda event: 0x0000, ["1.2.840.10008.1.1"]) as port:
        (delivery,) = send(one, port)
    assert not delivery.stored
