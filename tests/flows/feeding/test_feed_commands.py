"""A feed is set up, tried, run with TLS and looked after by command alone, as a coordinator would."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.cli import main
from localdb.vault.secrets import Secret
from tests.flows.feeding import story
from tests.flows.feeding.serving import Service
from tests.unit.vault.test_feed_slot import certificate

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


@pytest.fixture
def run(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def act(*words: str, status: int = 0) -> dict[str, Any]:
        common = ["--json", "--vault", str(service.vault), "--secret-file", str(tmp_path / "secret")]
        assert main([*words, *common]) == status, capsys.readouterr()
        said: dict[str, Any] = json.loads(capsys.readouterr().out)
        return said

    return act


def pem(folder: Path, secret: Secret) -> list[str]:
    """Arguments that name the parts of a secret as files."""
    out = []
    for part in ("certificate", "key"):
        (folder / f"{part}.pem").write_bytes(getattr(secret, part))
        out += [f"--{part}", str(folder / f"{part}.pem")]
    return out


def test_a_listener_with_tls_by_command_alone(service: Service, run: Run, tmp_path: Path) -> None:
    made = certificate()
    assert run("feed", "secret", "set", "engine-tls", *pem(tmp_path, made)) == {"secret": "engine-tls"}
    (note,) = run("feed", "secret", "list")["secrets"]
    assert (note["name"], note["has_key"]) == ("engine-tls", True)
    run("feed", "remove", "engine")
    listen = f"127.0.0.1:{service.port}"
    run("feed", "add", "ward", "--source", "pas", "--kind", "mllp", "--listen", listen, "--tls", "engine-tls")
    (feed,) = run("feed", "list")["feeds"]
    assert (feed["name"], feed["tls"], feed["client_certificates"]) == ("ward", "engine-tls", False)
    assert run("feed", "status", status=1)["error"]["code"] == "feed.not_running"
    assert run("feed", "test", "ward")["ok"], "before it runs: the port is free, the certificate is sound"

    service.start()
    try:
        points = {p["what"]: p for p in run("feed", "test", "ward")["points"]}
        assert points["message"]["ok"] and "AA" in points["message"]["found"]
        t = story.Teller()
        context = ssl.create_default_context(cadata=made.certificate.decode())
        context.check_hostname = False
        with (
            socket.create_connection(("127.0.0.1", service.port), 30) as plain,
            context.wrap_socket(plain) as line,
        ):
            line.sendall(b"\x0b" + t.adt("A01") + b"\x1c\r")
            assert b"\rMSA|AA|" in line.recv(65536)
        status = run("feed", "status")
        assert status["ok"] and status["feeds"][0]["taken"] == 1
        assert status["feeds"][0]["not_kept"] == 1, "the trial message was counted, and not kept"
        with socket.create_connection(("127.0.0.1", service.port), 30) as plain:
            plain.sendall(b"\x0b" + t.adt("A08") + b"\x1c\r")
            plain.settimeout(30)
            assert b"MSA" not in plain.recv(65536), "a sender without TLS is not answered"
        assert run("feed", "status")["feeds"][0]["taken"] == 1
    finally:
        assert service.stop() == 0
    (age,) = run("feed", "list")["sources"]
    assert age["source"] == "pas" and set(age["kinds"]) >= {"patient", "stay"}
    assert age["heartbeat"] and age["last_message"]


def test_what_is_wrong_with_a_feed_is_said(service: Service, run: Run, tmp_path: Path) -> None:
    add = ("feed", "add", "x", "--source", "pas", "--kind")
    for words, code in (
        ((*add, "mllp"), "settings.wrong_value"),
        ((*add, "mllp", "--listen", f"127.0.0.1:{service.port}"), "settings.wrong_value"),
        (("feed", "test", "none"), "feed.unknown"),
        (("feed", "remove", "none"), "feed.unknown"),
        (("feed", "secret", "remove", "none"), "secret.unknown"),
        (("feed", "secret", "set", "x", "--certificate", "/nowhere"), "file.missing"),
    ):
        assert run(*words, status=1)["error"]["code"] == code
    run(*add, "folder", "--folder", str(tmp_path / "gone"))
    found = run("feed", "test", "x", status=1)
    assert [(p["what"], p["ok"]) for p in found["points"]][-1] == ("folder", False)
    (tmp_path / "gone").mkdir()
    assert run("feed", "test", "x")["ok"]
    with socket.socket() as other:
        other.bind(("127.0.0.1", service.port))
        other.listen()
        assert not run("feed", "test", "engine", status=1)["ok"], "somebody else listens there"


def test_one_feed_that_cannot_work_stops_no_other(service: Service, run: Run, tmp_path: Path) -> None:
    run("feed", "add", "gone", "--source", "pas", "--kind", "folder", "--folder", str(tmp_path / "gone"))
    run("feed", "add", "bare", "--source", "pas", "--kind", "mllp", "--listen", "127.0.0.1:0", "--tls", "not-there")
    service.start()
    try:
        with socket.create_connection(("127.0.0.1", service.port), 30) as line:
            line.sendall(b"\x0b" + story.Teller().adt("A01") + b"\x1c\r")
            assert b"\rMSA|AA|" in line.recv(65536)
        status = run("feed", "status")
        assert {f["name"]: f["state"] for f in status["feeds"]} == {
            "engine": "running", "gone": "failed", "bare": "failed",
        }  # fmt: skip
        assert not status["ok"] and {f["fault"] for f in status["feeds"]} == {
            "", "feed.folder_missing", "secret.unknown",
        }  # fmt: skip
    finally:
        assert service.stop() == 0


def test_people_by_number_joined_and_parted(service: Service, run: Run, tmp_path: Path) -> None:
    t = story.Teller()
    (tmp_path / "in.hl7").write_bytes(t.adt("A01") + b"\r" + t.adt("A04", mrn=t.second, visit="V2", nhs=False))
    run("fill", str(tmp_path / "in.hl7"), "--source", "lims")
    assert run("person", "join", t.mrn, t.second)["changed"]
    shown = run("person", "show", t.second)
    assert len(shown["ids"]) == 2 and {j["by"] for j in shown["joins"]} >= {"Tess Tester"}
    assert run("person", "show", t.mrn)["person"] == shown["person"], "a joined number finds the person"
    parted = run("person", "part", t.mrn, t.second)
    assert parted["changed"] and set(parted["parted"]) == set(shown["ids"])
    assert run("person", "show", t.second)["ids"] != shown["ids"]


def test_several_systems_are_declared_at_once(service: Service, run: Run, tmp_path: Path) -> None:
    t = story.Teller()
    for name in ("pas", "lims"):
        (tmp_path / f"{name}.hl7").write_bytes(t.adt("A01" if name == "pas" else "A08"))
        run("fill", str(tmp_path / f"{name}.hl7"), "--source", name)
    said = run("source", "declare", "pas", "lims", "down")
    assert {s["source"]: s["declared"] for s in said["sources"]} == {"pas": "down", "lims": "down"}
    said = run("source", "declare", "--all", "back")
    assert sorted(said["declared"]) == ["lims", "pas"]
    assert {s["declared"] for s in said["sources"]} == {"back"}
    assert run("source", "declare", "down", status=1)["error"]["code"] == "source.none_named"


# -- the service's own files ----------------------------------------------------------------------------------------


def test_the_unit_is_sound_and_hardened(root: Path, tmp_path: Path) -> None:
    unit = (root / "packaging" / "systemd" / "wardlamp-feed.service").read_text("utf-8")
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "LimitCORE=0", "Restart=on-failure", "LoadCredential="):
        assert line in unit
    assert not re.search(r"Environment=.*SECRET=", unit), "a secret never stands in the environment"
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("systemd is not on this machine")
    stood_in = unit.replace("/opt/wardlamp/bin/wardlamp", "/bin/true")
    (tmp_path / "wardlamp-feed.service").write_text(stood_in, "utf-8")
    checked = subprocess.run(
        [analyse, "verify", str(tmp_path / "wardlamp-feed.service")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_windows_service_is_well_formed_and_says_that_it_was_not_run(root: Path) -> None:
    text = (root / "packaging" / "windows" / "wardlamp-feed.xml").read_text("utf-8")
    service = ET.fromstring(text)
    assert service.findtext("arguments") == "feed run"
    assert "NOT RUN YET" in text
