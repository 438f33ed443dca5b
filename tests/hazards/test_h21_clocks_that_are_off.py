"""H21 beside the clock changes themselves: the skipped hour as shown, columns of the doubled one, and clocks that are off,
on sheets, in commands and in a real service whose machine's clock is moved (libfaketime).

Sabotage: the skipped hour passes for a doubled one; drift is not said; the newest sample is taken for the drift.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.cli.readiness import findings_of
from desktop.forms import catalogue
from desktop.sources.systems import systems
from localdb.chart import staleness, wording
from localdb.chart.grid import cumulative
from localdb.records import moments
from localdb.records.moments import from_instant, read_moment
from localdb.records.vocabulary import Result
from localdb.sources.hl7v2 import times
from localdb.store import clocks
from localdb.store.clocks import Sample, drift_of, with_sample
from tests.conftest import ROOT
from tests.flows.feeding.serving import RUN, Service
from tests.made import SECRET, new_house, person, result, write
from tests.unit.forms import checks, paper

LONDON = "Europe/London"
AT = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)


# -- the skipped and the doubled hour -------------------------------------------------------------------------------


def skipped_hour_faults() -> list[str]:
    found = []
    for moment in (times.read_dtm("20260329013000", LONDON), read_moment("2026-03-29T01:30:00", LONDON)):
        assert moment is not None
        if "skipped_hour" not in moment.doubts or "doubled_hour" in moment.doubts:
            found.append("the skipped hour is not flagged as one")
        if wording.time(moment) != "01:30 GMT":
            found.append(f"01:30, which no clock showed, reads {wording.time(moment)}")
    return found


def test_an_hour_that_no_clock_showed_keeps_its_digits_and_says_by_which_clock() -> None:
    times.read_dtm.cache_clear()
    assert skipped_hour_faults() == []


def test_sabotage_a_skipped_hour_taken_for_a_doubled_one_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    times.read_dtm.cache_clear()
    monkeypatch.setattr(moments, "change_doubts", lambda _: ("doubled_hour",))
    try:
        assert skipped_hour_faults()
    finally:
        monkeypatch.undo()
        times.read_dtm.cache_clear()


def sodium(number: int, text: str) -> Result:
    moment = times.read_dtm(text, LONDON)
    return Result(id=f"R{number}", patient="P", source="lims", source_id=str(number), text="Sodium", happened=moment,
                  value=str(130 + number), unit="mmol/L", status="final")  # fmt: skip


def test_the_doubled_hour_has_two_columns_in_their_true_order() -> None:
    """01:30 BST, then 01:30 GMT, one hour apart: a 25-hour day. Sorted by the digits they would be one, or turned."""
    sent = ["20261025013000+0000", "20261025003000+0100", "20261025013000+0100", "20261025020000+0000"]
    grid = cumulative([sodium(n, text) for n, text in enumerate(sent)])
    assert [wording.time(c.moment) for c in grid.columns] == ["00:30 BST", "01:30 BST", "01:30 GMT", "02:00 GMT"]
    instants = [c.moment.instant for c in grid.columns if c.moment is not None and c.moment.instant is not None]
    assert [(b - a) for a, b in pairwise(instants)] == [
        timedelta(hours=1), timedelta(hours=1), timedelta(minutes=30),
    ]  # fmt: skip


@pytest.mark.parametrize("change", [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)])
def test_every_time_within_a_day_of_a_change_says_bst_or_gmt_and_none_beyond_does(change: datetime) -> None:
    for hours in range(-30, 31):
        text = wording.clock(change + timedelta(hours=hours, minutes=5))
        is_near = -24 <= hours < 24
        assert text.endswith((" BST", " GMT")) is is_near, (hours, text)


# -- how far clocks are apart ---------------------------------------------------------------------------------------


def samples(*differences: int, step: int = 60) -> tuple[Sample, ...]:
    """What is held after messages `step` seconds apart, each so many seconds after it was sent."""
    held: tuple[Sample, ...] = ()
    for n, seconds in enumerate(differences):
        held = with_sample(held, AT + timedelta(seconds=n * step), seconds)
    return held


def drift_faults() -> list[str]:
    cases = {
        "a slow message is no drift": (drift_of(samples(2, 40, 3, 300, 2)), 2),
        "our clock is ten minutes behind": (drift_of(samples(-598, -570, -599)), -599),
        "our clock is ten minutes ahead": (drift_of(samples(601, 640, 602, 603)), 601),
        "a queue that drains is no drift": (drift_of(samples(9000, 6000, 3000)), None),
        "one message of next year is no drift": (drift_of(samples(1, -31_536_000, 2)), 1),
        "a clock that is a year behind": (drift_of(samples(-31_536_000, -31_535_999, -31_535_990)), -31_536_000),
        "one late message tells nothing": (drift_of(samples(7200)), None),
        "nothing is known without a message": (drift_of(()), None),
    }
    return [name for name, (found, right) in cases.items() if found != right]


def test_the_drift_is_the_smallest_difference_of_a_while() -> None:
    assert drift_faults() == []


def test_a_clock_that_was_put_right_is_believed_within_half_an_hour() -> None:
    wrong = samples(-600, -600, -600)
    late = AT + timedelta(minutes=40)
    assert drift_of(with_sample(wrong, late, 1)) == 1
    back = with_sample(samples(1, 1), AT - timedelta(minutes=10), -659)  # this clock was set back eleven minutes
    assert drift_of(back) == -659


def test_sabotage_the_newest_difference_taken_for_the_drift_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "drift_of", lambda held: held[-1].seconds if held else None)
    assert drift_faults()


def drift_said(seconds: int) -> list[str]:
    """Where a clock that is so far off is not said: each sheet, the sources page."""
    held = tuple(replace(s, drift=seconds if s.source == "LIMS" else 0) for s in paper.sources())
    found = []
    for form in ("F01", "F02", "F03"):
        model = paper.model(form, paper.chart(), sources=held)
        text = checks.squeezed(" ".join(checks.page_texts(catalogue.render(form, model))))
        if checks.squeezed("The clock of LIMS is") not in text:
            found.append(form)
    page = next(s for s in systems(held, paper.NOW) if s.source == "LIMS")
    if not any("ours" in value for label, value in page.facts if label == "Its clock"):
        found.append("sources")
    return found


@pytest.mark.parametrize("seconds", [-7200, -121, 121, 3600])
def test_a_clock_that_is_off_is_said_on_each_sheet_and_beside_its_system(seconds: int) -> None:
    assert drift_said(seconds) == []


def test_two_minutes_are_said_nowhere() -> None:
    assert len(drift_said(120)) == 4


def test_sabotage_a_drift_that_is_not_said_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staleness, "drift_words", lambda _: "")
    assert drift_said(3600)


def test_drift_travels_from_the_intake_to_the_laptop_and_to_doctor(tmp_path: Path) -> None:
    house = new_house(tmp_path / "vault", lambda: AT)
    house.fill(
        [write(tmp_path / "a.json", [person(1), result("k", "p1", "4.1")])], source="lims", as_of=from_instant(AT)
    )
    with house.intake() as intake:
        intake.note_drift("lims", -240)
        intake.commit()
    house.cut()
    (age,) = house.reading().sources()
    assert age.drift == -240
    said = [f["text"] for f in findings_of(house) if f["code"] == "source.drift"]
    assert said == ["The clock of lims is 4min ahead of ours: the order of times may be wrong."]
    assert clocks.LARGE < 240
    house.close()


# -- a real process whose machine's clock is wrong ------------------------------------------------------------------


@pytest.fixture
def preload() -> str:
    """libfaketime; packaging/setup.sh brings it."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found and shutil.which("faketime") is None:
        pytest.skip("libfaketime is not installed")
    return str(found[0])


def moved(preload: str, by: str) -> dict[str, str]:
    """The environment of a process whose wall clock is `by` off; waits go by the true one."""
    return {"LD_PRELOAD": preload, "FAKETIME": by, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@pytest.fixture
def late_service(tmp_path: Path, preload: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The feeding machine's clock is ten minutes behind the world's."""
    made = Service(tmp_path)  # type: ignore[no-untyped-call]
    with monkeypatch.context() as patch:
        for name, value in moved(preload, "-10m").items():
            patch.setenv(name, value)
        made.start()  # type: ignore[no-untyped-call]
    yield made
    if made.process.poll() is None:
        made.kill()  # type: ignore[no-untyped-call]


def send(service: Service, message: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", service.port), 30) as line:
        line.sendall(b"\x0b" + message + b"\x1c\r")
        answer = b""
        while not answer.endswith(b"\x1c\r"):
            answer += line.recv(65536)
    return answer


def live_message() -> bytes:
    now = datetime.now(UTC).strftime("%Y%m%d%H%M%S+0000")
    return (
        f"MSH|^~\\&|LIMS|NORTH|ENGINE|NORTH|{now}||ORU^R01|D1|P|2.5.1\r"
        "PID|1||H00001^^^NORTH^MR||Feed^Ann||19580214|F\r"
        f"OBR|1|P1|F1|K^Potassium|||{now}|||||||||||||||||||F\r"
        f"OBX|1|NM|K^Potassium||4.1|mmol/L|3.5-5.3||||F|||{now}\r"
    ).encode()


def test_a_service_whose_clock_is_ten_minutes_behind_says_so_after_one_message(late_service: Service) -> None:
    assert b"MSA|AA" in send(late_service, live_message())
    assert late_service.stop() == 0  # type: ignore[no-untyped-call]
    house = late_service.opened()  # type: ignore[no-untyped-call]
    (age,) = house.reading().sources()
    house.close()
    assert age.drift is not None
    assert -605 <= age.drift <= -590
    assert staleness.drift_sentence(age).startswith("The clock of lims is ")
    assert "ahead of ours" in staleness.drift_sentence(age)


def test_a_laptop_whose_clock_is_before_its_copy_gives_no_ages(tmp_path: Path, preload: str) -> None:
    """The command as its own process: by the true clock the copy is fresh, by one an hour behind it has no age."""
    now = datetime.now(UTC)
    house = new_house(tmp_path / "vault", lambda: now)
    house.fill(
        [write(tmp_path / "a.json", [person(1), result("k", "p1", "4.1")])], source="lims", as_of=from_instant(now)
    )
    house.close()
    secret = tmp_path / "secret"
    secret.write_bytes(SECRET)
    secret.chmod(0o600)

    def line(environment: dict[str, str]) -> str:
        where = ("--vault", str(tmp_path / "vault"), "--secret-file", str(secret))
        done = subprocess.run(
            [sys.executable, "-c", RUN, "doctor", "--json", *where],
            cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return str(json.loads(done.stdout)["line"])

    assert "clock unreliable" not in line({})
    assert "lims clock unreliable" in line(moved(preload, "-60m"))
