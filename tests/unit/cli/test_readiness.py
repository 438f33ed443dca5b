"""The daily line and doctor's findings count what was set aside and waits, and name windows, drift and what is down."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from desktop.cli.readiness import findings_of, readiness_line
from tests.made import NOW, new_house, person, result, write


def line_of(house: object) -> str:
    return readiness_line(house, findings_of(house))  # type: ignore[arg-type]


def test_the_line_counts_what_was_set_aside_and_what_waits(tmp_path: Path) -> None:
    house = new_house(tmp_path / "vault")
    (tmp_path / "bad.json").write_text("{nothing", encoding="utf-8")
    report = house.fill([tmp_path / "bad.json", write(tmp_path / "a.json", [person(1), result("k", "p9", "4.1")])],
                        source="lims")  # fmt: skip
    aside, waiting = (sum(c.values()) for c in house.aside_counts())
    assert (aside, waiting) == (len(report.set_aside), 1) and aside >= 1
    assert f"{aside} set aside, {waiting} waiting" in line_of(house)
    codes = {f["code"] for f in findings_of(house)}
    assert {"aside.waits", "waiting.patient"} <= codes
    house.close()


def test_the_line_names_the_windows_of_the_copy(tmp_path: Path) -> None:
    house = new_house(tmp_path / "vault")
    house.fill([write(tmp_path / "a.json", [person(1)])], source="lims")
    assert line_of(house).endswith("; no windows")
    house.set_site({"windows": {"results_days": 30}})
    house.cut()
    assert line_of(house).endswith("; results days 30")
    house.close()


def test_the_line_and_the_findings_tell_a_clock_that_is_off(tmp_path: Path) -> None:
    house = new_house(tmp_path / "vault")
    house.fill([write(tmp_path / "a.json", [person(1)])], source="lims")
    with house.intake() as intake:
        intake.note_drift("lims", -300)
        intake.commit()
    house.cut()
    assert "lims clock 5min ahead of ours" in line_of(house)
    assert "source.drift" in {f["code"] for f in findings_of(house)}
    house.close()


def test_a_system_declared_down_is_named_as_down(tmp_path: Path) -> None:
    house = new_house(tmp_path / "vault")
    house.fill([write(tmp_path / "a.json", [person(1)])], source="lims")
    house.declare("lims", "down", NOW - timedelta(hours=2))
    assert "lims down" in line_of(house)
    house.close()


def test_a_system_whose_time_is_not_known_did_come(tmp_path: Path) -> None:
    house = new_house(tmp_path / "vault")
    house.fill([write(tmp_path / "a.json", [person(1)])], source="lims")
    assert house.ages()[0].cut is None
    assert "lims time not known" in line_of(house)
    assert "never came" not in line_of(house)
    house.close()
