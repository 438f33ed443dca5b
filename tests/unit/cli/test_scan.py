"""`wardlamp scan` on a real vault: bands, numbers, sheets and their ledger; what opens nobody exits 1 with its code."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.cli import main
from localdb.chart.gs1 import gsrn_of
from localdb.house import House
from tests.made import NHS, SECRET, new_house, nhs_number, person, stay, ward, write

Run = Callable[..., Any]


def named(n: int, family: str, given: str, born: str, **more: Any) -> dict[str, Any]:
    return person(n, name=[{"use": "official", "family": family, "given": [given]}], birthDate=born, **more)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Two people of a ward, and one whose hospital number stands on the other one's band."""
    made = new_house(tmp_path / "vault")
    made.set_site({"ward": "Ash Ward"})
    twin = [
        {"system": NHS, "value": nhs_number(3)},
        {"type": {"coding": [{"code": "MR"}]}, "system": "urn:h", "value": "H3"},
    ]
    people = [
        named(1, "Okonkwo", "Ifeoma", "1951-03-14"), named(2, "Patel", "Harshad", "1945-05-01"),
        named(3, "Okonkwo", "Ifeanyi", "1951-03-14", identifier=twin),
    ]  # fmt: skip
    made.fill([write(tmp_path / "a.json", [*ward(), *people, stay("p1", 1), stay("p2", 2)])], source="pas", processes=1)
    return made


@pytest.fixture
def run(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    (tmp_path / "secret").write_bytes(SECRET)
    monkeypatch.setenv("WARDLAMP_VAULT", str(tmp_path / "vault"))
    monkeypatch.setenv("WARDLAMP_SECRET_FILE", str(tmp_path / "secret"))

    def run(text: str, rc: int = 0, stdin: str = "") -> Any:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        assert main(["scan", text, "--json"]) == rc
        said = capsys.readouterr()
        found = json.loads(said.out)
        if rc:
            assert text not in said.out + said.err, "what was read must not stand in an error"
            return found["error"]["code"]
        return found

    return run


def band(
    nhs: str = "", mrn: str = "", family: str = "OKONKWO", given: str = "Ifeoma", born: str = "14-Mar-1951"
) -> str:
    first = f"8018{gsrn_of(nhs)}" if nhs else ""
    return f"{first}91RJC,{mrn},50552303,93{family},{given},{born},"


def test_a_band_names_its_patient(run: Run) -> None:
    found = run(band(nhs_number(1), "H0000001"))
    assert [p["name"]["family"] for p in found["patients"]] == ["Okonkwo"]
    assert (found["kind"], found["cautions"]) == ("band", [])
    for text in (nhs_number(1), "H0000001", "h0000001"):
        again = run(text)
        assert again["patients"] == found["patients"]
        assert "a number alone" in again["cautions"][0]
    assert run("-", stdin=band(nhs_number(1)) + "\n")["patients"] == found["patients"]


@pytest.mark.parametrize(("text", "code"), [
    (band(nhs_number(1), "H0000002"), "scan.two_people"),
    (band(nhs_number(1), "", "PATEL", "Harshad", "1-May-1945"), "scan.disagrees"),
    (band(nhs_number(77), "H0000001"), "scan.disagrees"),
    (band(nhs_number(77)), "scan.unknown"), ("H7777777", "scan.unknown"),
    (band("", "", "NOBODY", "No", "1-May-1945"), "scan.unknown"),
])  # fmt: skip
def test_what_names_two_or_nobody_opens_nobody(run: Run, text: str, code: str) -> None:
    assert run(text, rc=1) == code


def test_one_difference_is_said_and_not_decided(run: Run) -> None:
    married = run(band(nhs_number(1), "H0000001", "ADEYEMI"))
    assert "The family name on the band is another than in this copy." in married["cautions"]
    moved = run(band(nhs_number(1), "H0000001", born="15-Mar-1951"))
    assert "The date of birth on the band is another than in this copy." in moved["cautions"]
    elsewhere = run(band(nhs_number(1), "X999"))
    assert any("hospital number on the band" in c for c in elsewhere["cautions"])


def test_a_band_without_a_number_offers_a_choice_and_never_one(run: Run, house: House) -> None:
    found = run(band())
    assert [p["name"]["given"] for p in found["patients"]] == [["Ifeoma"]]
    assert "choose by two identifiers" in found["cautions"][0]


def test_a_sheet_shows_its_steps_and_its_patient(run: Run, house: House) -> None:
    who = house.reading().resolve(nhs_number(1))
    serial = house.issue_sheet("F02", 2, patient=who)
    house.sheet_state(serial, "made")
    house.sheet_state(serial, "printed", "job 4")
    for text in (f"WL1|F02|{serial}|{who}", serial, serial.lower(), f"wl1~f02~{serial.lower()}~{who.lower()}"):
        found = run(text)
        assert found["kind"] == "sheet"
        assert [s["state"] for s in found["states"]] == ["issued", "made", "printed"]
        assert [p["id"] for p in found["patients"]] == [who]
    assert house.journal.sheet(serial).state == "printed", "a scan moves no sheet on"


def test_a_sheet_of_another_patient_than_the_ledger_says_is_refused(run: Run, house: House) -> None:
    who, other = (house.reading().resolve(nhs_number(n)) for n in (1, 2))
    serial = house.issue_sheet("F02", 1, patient=who)
    assert run(f"WL1|F02|{serial}|{other}", rc=1) == "scan.sheet_disagrees"


def test_a_sheet_of_another_laptop_offers_its_patient_and_says_so(run: Run, house: House) -> None:
    from localdb.records.ids import serial_number

    who = house.reading().resolve(nhs_number(2))
    found = run(f"WL1|F18|{serial_number('Z99', 'F18', 7)}|{who}")
    assert [p["id"] for p in found["patients"]] == [who]
    assert found["sheet"] is None
    assert "another laptop printed it" in found["cautions"][0]
    ward_list = run(f"WL1|F01|{house.issue_sheet('F01', 1)}|ward:Ash Ward")
    assert ward_list["patients"] == []
