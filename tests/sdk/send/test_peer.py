from __future__ import annotations

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.send.peer import Peer, check_title, parse_peer, parse_url


@pytest.mark.parametrize(
    ("text", "peer"),
    [
        ("ORTHANC@10.0.0.5:4242", Peer(title="ORTHANC", host="10.0.0.5", port=4242)),
        ("MY PACS@archive.example:104", Peer(title="MY PACS", host="archive.example", port=104)),
        ("A@[::1]:104", Peer(title="A", host="::1", port=104)),
    ],
)
def test_a_peer_is_read(text: str, peer: Peer) -> None:
    assert parse_peer(text) == peer


@pytest.mark.parametrize(
    "text",
    ["", "ORTHANC", "ORTHANC@host", "@host:104", "A@host:0", "A@host:70000", "A@host:104x",
     "ABCDEFGHIJKLMNOPQ@host:104", "A\\B@host:104", "   @host:104", "Ä@host:104"],
)  # fmt: skip
def test_what_is_no_peer_is_refused(text: str) -> None:
    with pytest.raises(InvalidSettings, match="--to"):
        parse_peer(text)


def test_an_ae_title_of_16_characters_is_taken() -> None:
    check_title("A" * 16, "--calling")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://a.example/dicom-web", "https://a.example/dicom-web/studies"),
        ("https://a.example/dicom-web/", "https://a.example/dicom-web/studies"),
        ("http://127.0.0.1:8042/dicom-web/studies", "http://127.0.0.1:8042/dicom-web/studies"),
    ],
)
def test_an_address_leads_to_the_studies(text: str, url: str) -> None:
    assert parse_url(text, tls=False, authorized=False) == url


@pytest.mark.req("R57")
@pytest.mark.parametrize(
    ("text", "tls", "authorized", "words"),
    [
        ("ftp://a.example/", False, False, "DICOMweb"),
        ("https:///x", False, False, "DICOMweb"),
        ("https://a.example/x?y=1", False, False, "DICOMweb"),
        ("http://a.example:x/", False, False, "no address"),
        ("http://a.example/dicom-wéb", False, False, "as %XX"),
        ("http://a.example/dicom web", False, False, "as %20"),
        ("https://me:secret@a.example/", False, False, "holds a password"),
        ("http://a.example/", True, False, "https"),
        ("http://a.example/", False, True, "in the clear"),
    ],
)
def test_what_is_no_address_or_not_safe_is_refused(
    text: str, tls: bool, authorized: bool, words: str
) -> None:
    with pytest.raises(InvalidSettings, match=words):
        parse_url(text, tls=tls, authorized=authorized)


def test_a_secret_may_go_to_this_machine_in_the_clear() -> None:
    assert parse_url("http://localhost:1/", tls=False, authorized=True)
