"""Addresses and tokens that cannot be used, and links that lead elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from localdb.restore import Target
from localdb.restore.errors import BadTarget
from localdb.restore.search import bare, same_reference


@pytest.mark.parametrize("url", ["", "hospital", "ftp://a/b", "http://", "https://a/b?x=1", "file:///etc/passwd"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadTarget) as no:
        Target(url)
    assert no.value.code == "restore.bad_target"


@pytest.mark.parametrize("content", [b"", b"\n", b"two words", b"line\nline", "grüße".encode()])
def test_a_token_file_that_holds_no_token_is_refused(content: bytes, tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_bytes(content)
    with pytest.raises(BadTarget) as no:
        Target("http://127.0.0.1:1", token_file)
    assert "two words" not in no.value.message


def test_a_token_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTarget):
        Target("http://127.0.0.1:1", tmp_path / "none")


def test_a_page_link_to_another_host_is_asked_for_on_ours() -> None:
    target = Target("https://fhir.hospital.example/r4/")
    assert (
        target._absolute("http://inner:8080/r4/Observation?p=2") == "https://fhir.hospital.example/r4/Observation?p=2"
    )
    assert target._absolute("Observation?x=1") == "https://fhir.hospital.example/r4/Observation?x=1"
    assert target._absolute("") == "https://fhir.hospital.example/r4"


def test_references_are_the_same_in_every_form() -> None:
    assert same_reference("https://a/fhir/Patient/1/_history/3", "Patient/1")
    assert not same_reference("Patient/11", "Patient/1")
    assert not same_reference(None, "Patient/1")
    assert bare("Observation/1/_history/2") == "Observation/1"
