"""Images under a wrong or temporary number are moved by two people: who sees what, in whose chart, what undoes it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localdb import house as house_module
from localdb.chart.registered import came_under
from localdb.chart.reports import NOT_REPORTED, examinations
from localdb.chart.views import PatientView
from localdb.errors import InputRefused
from localdb.house import House
from localdb.journal.images import FILLED
from localdb.journal.kinds import json_schema
from localdb.journal.opening import open_journal
from localdb.journal.registrations import identifier_of
from localdb.records.ids import patient_id
from localdb.records.moments import read_moment
from localdb.records.vocabulary import HumanName, Identifier, ImagingStudy
from localdb.vault.staff import add_staff
from localdb.vault.unlocking import StaffName, keys_from_pipe, prove
from tests.made import NHS, NOW, SECRET, new_house, nhs_number, person, stay, ward, write

SECOND, THEIRS = "Sam Second", b"another-candle-on-the-ward-12"
STUDY, HEAD, BODY = "1.2.826.0.1.3680043.2.1", "1.2.826.0.1.3680043.2.1.1", "1.2.826.0.1.3680043.2.1.2"
AT = "2026-11-24T03:00:00+00:00"
NUMBER = "RPH4830172W"


def study(patient: str, of: str = "s1", uid: str = STUDY, accession: str = "A77") -> dict[str, Any]:
    """Two series of three and two instances, as a FHIR server lists a study of a PACS."""
    return {
        "resourceType": "ImagingStudy", "id": of, "status": "available", "subject": {"reference": f"Patient/{patient}"},
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"},
                       {"type": {"coding": [{"code": "ACSN"}]}, "value": accession}],
        "started": "2026-11-24T01:10:00+00:00", "description": "CT head",
        "series": [{"uid": f"{uid}.1", "modality": {"code": "CT"}, "description": "Head", "numberOfInstances": 3},
                   {"uid": f"{uid}.2", "modality": {"code": "CT"}, "description": "Bone", "numberOfInstances": 2}],
    }  # fmt: skip


def report(patient: str, of: str = "r1", accession: str = "A77", study_id: str = "s1") -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport", "id": of, "status": "final", "subject": {"reference": f"Patient/{patient}"},
        "code": {"text": "CT head"}, "category": [{"coding": [{"code": "RAD"}]}], "conclusion": "No bleed.",
        "effectiveDateTime": "2026-11-24T01:10:00+00:00", "issued": "2026-11-24T02:00:00+00:00",
        "imagingStudy": [{"reference": f"ImagingStudy/{study_id}"}],
    }  # fmt: skip


FACTS = [*ward(), *(person(n) for n in (1, 2, 3)), *(stay(f"p{n}", n) for n in (1, 2, 3)), study("p1"), report("p1")]


def laid(folder: Path, facts: list[dict[str, Any]]) -> tuple[Path, bytes]:
    """A filled vault of two members of staff, and its keys as for a child: to be copied, so that no test derives one."""
    made = new_house(folder / "vault")
    made.set_site({"ward": "Ash Ward"})
    add_staff(made.vault, made.keys, SECOND, THEIRS, kdf="floor")
    made.fill([write(folder / "a.json", facts)], source="epr", processes=1)
    keys = made.keys_for_child()
    made.close()
    return folder / "vault", keys


def opened(ground: tuple[Path, bytes], folder: Path) -> House:
    vault = shutil.copytree(ground[0], folder / "vault")
    keys = keys_from_pipe(ground[1], vault)
    return House(vault, keys, open_journal(vault, keys, lambda: NOW), lambda: NOW)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A ward of three, a study under the first one's number."""
    return laid(tmp_path_factory.mktemp("ground"), FACTS)


@pytest.fixture
def house(ground: tuple[Path, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The second person's secret is taken on trust here, for it takes long; `prove` has its tests below and as H01."""
    monkeypatch.setattr(house_module, "prove", lambda path, staff, secret: StaffName(staff, "clinician", "staff", "x"))
    made = opened(ground, tmp_path)
    yield made
    made.close()


def who(house: House, n: int) -> str:
    return patient_id("epr", "fhir", f"p{n}")


def body(house: House, **more: Any) -> dict[str, Any]:
    return {"happened": AT, "study": STUDY, "from": who(house, 1), "reason": "Wrong band scanned at the CT.", **more}


def move(house: House, to: int = 2, **more: Any) -> str:
    return house.move_images(who(house, to), body(house, **more), SECOND, THEIRS).entry


def studies(house: House, n: int) -> list[ImagingStudy]:
    return [r for r in house.reading().chart(who(house, n)).images.items if isinstance(r, ImagingStudy)]


def test_a_moved_study_stands_with_whom_it_was_moved_to_and_as_a_line_where_it_was(house: House) -> None:
    move(house)
    here, away = (house.reading().chart(who(house, n)) for n in (2, 1))
    assert [s.uid for s in studies(house, 2)] == [STUDY]
    assert studies(house, 1) == []
    (told,), (gone,) = here.moved, away.moved
    assert (told.way, told.state, told.is_shown) == ("here", "moved", True)
    assert (gone.way, gone.state, gone.is_shown) == ("away", "moved", False)
    assert told.other is not None
    assert gone.other is not None
    assert (told.other.mrn, gone.other.mrn) == ("H0000001", "H0000002")
    assert told.entry.body["moved_by"] == ["Tess Tester", SECOND]
    # The report of that one examination went along: it stands once.
    assert [r.text for r in here.reports.items] == ["CT head"]
    assert away.reports.items == ()
    (one,) = examinations(here)
    assert one.report is not None
    assert one.study is not None
    assert examinations(away) == ()


def test_chosen_series_leave_the_rest_where_they_are_with_true_counts(house: House) -> None:
    move(house, series=[f"{STUDY}.2"])
    (here,), (left,) = studies(house, 2), studies(house, 1)
    assert ([s.uid for s in here.series], here.total) == ([f"{STUDY}.2"], 2)
    assert ([s.uid for s in left.series], left.total) == ([f"{STUDY}.1"], 3)
    # The report was about the whole study: it stays, and the series that went says that it has none.
    (one,) = examinations(house.reading().chart(who(house, 2)))
    assert one.status == NOT_REPORTED
    with pytest.raises(InputRefused) as raised:
        move(house, 3, series=[f"{STUDY}.2"])
    assert raised.value.code == "image.moved"
    move(house, 3, series=[f"{STUDY}.1"])
    assert studies(house, 1) == []
    assert [s.total for n in (2, 3) for s in studies(house, n)] == [2, 3]


def test_every_series_named_is_the_study(house: House) -> None:
    entry = move(house, series=[f"{STUDY}.1", f"{STUDY}.2"])
    assert "series" not in house.journal.entry(entry).body
    assert [r.text for r in house.reading().chart(who(house, 2)).reports.items] == ["CT head"]


def test_undoing_it_takes_two_again_and_gives_everything_back(house: House) -> None:
    before = [house.reading().chart(who(house, n)).lists for n in (1, 2)]
    entry = move(house)
    undo = {"happened": AT, "reason": "It was hers after all.", "undone": True}
    with pytest.raises(InputRefused) as raised:
        house.enter("image_move", who(house, 2), undo, entry)
    assert raised.value.code == "image.two_people"
    house.move_images(who(house, 2), undo, SECOND, THEIRS, corrects=entry)
    assert [house.reading().chart(who(house, n)).lists for n in (1, 2)] == before
    assert house.reading().chart(who(house, 2)).moved == ()
    # Both entries stay in the record of whom it was written for.
    assert [e.kind for e in house.reading().chart(who(house, 2)).entries] == ["image_move", "image_move"]
    move(house, 3)
    assert [s.uid for s in studies(house, 3)] == [STUDY]


def test_what_may_not_be_moved(house: House) -> None:
    for code, to, more in (
        ("image.same_person", 1, {}), ("image.unknown", 2, {"study": "1.2.3"}),
        ("image.unknown", 2, {"series": ["1.2.3"]}), ("image.unknown", 2, {"from": who(house, 3)}),
        ("patient.unknown", 2, {"from": "H9999999"}), ("entry.invalid", 2, {"reason": " "}),
        ("entry.invalid", 2, {"study": None}), ("entry.invalid", 2, {"moved_by": ["A", "B"]}),
        ("entry.future", 2, {"happened": "2027-01-01T00:00:00+00:00"}), ("entry.invalid", 2, {"undone": True}),
    ):  # fmt: skip
        with pytest.raises(InputRefused) as raised:
            move(house, to, **more)
        assert raised.value.code == code, (code, more)
    assert house.journal.entries() == ()


def test_the_second_person_is_another_and_proves_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house_module, "prove", prove)
    for second, secret, code in (
        (SECOND, SECRET, "vault.wrong_secret"), ("Tess Tester", SECRET, "image.two_people"),
        (" tess  TESTER ", SECRET, "image.two_people"), ("Nobody", THEIRS, "vault.staff_unknown"),
    ):  # fmt: skip
        with pytest.raises(InputRefused) as raised:
            house.move_images(who(house, 2), body(house), second, secret)
        assert raised.value.code == code
    with pytest.raises(InputRefused) as raised:
        house.enter("image_move", who(house, 2), body(house))
    assert raised.value.code == "image.two_people"
    assert house.journal.entries() == ()


def test_the_schema_asks_people_only_for_what_people_know() -> None:
    fields = json_schema("image_move")["$defs"]["ImageMove"]["properties"]
    assert set(fields) == {"happened", "study", "from", "reason", "series", "undone"}
    assert not set(FILLED) & set(fields)


def again(house: House, tmp_path: Path, *facts: dict[str, Any], source: str = "epr", name: str = "b.json") -> None:
    house.fill([write(tmp_path / name, facts)], source=source, processes=1)


def test_the_source_itself_corrects_it_and_it_is_shown_once(house: House, tmp_path: Path) -> None:
    move(house)
    again(house, tmp_path, study("p2", "s2"))
    chart = house.reading().chart(who(house, 2))
    assert [s.source_id for s in studies(house, 2)] == ["s2"]
    assert [m.state for m in chart.moved] == ["confirmed"]
    assert studies(house, 1) == []
    assert [m.state for m in house.reading().chart(who(house, 1)).moved] == ["confirmed"]
    assert [r.text for r in chart.reports.items] == ["CT head"]


def test_a_source_that_says_a_third_patient_is_a_conflict_that_two_people_decide(house: House, tmp_path: Path) -> None:
    entry = move(house)
    again(house, tmp_path, study("p3", "s3"))
    assert studies(house, 2) == []  # no picture under a banner that is contested
    assert [m.state for n in (1, 2) for m in house.reading().chart(who(house, n)).moved] == ["elsewhere", "elsewhere"]
    upheld = {"happened": AT, "reason": "Seen with the patient: it is hers."}
    house.move_images(who(house, 2), upheld, SECOND, THEIRS, corrects=entry)
    assert [s.uid for s in studies(house, 2)] == [STUDY]
    assert [m.state for m in house.reading().chart(who(house, 2)).moved] == ["moved"]


def test_two_laptops_that_moved_it_to_two_people_show_it_to_neither(tmp_path: Path, house: House) -> None:
    other = new_house(tmp_path / "other", device="T02")
    other.fill([write(tmp_path / "a.json", FACTS)], source="epr", processes=1)
    move(house, 2)
    move(other, 3)
    words = b"seven words that both laptops know"
    other.journal.exchange_out(tmp_path / "x", words, "floor")
    house.journal.exchange_in(tmp_path / "x", words)
    assert [studies(house, n) for n in (1, 2, 3)] == [[], [], []]
    assert [m.state for n in (2, 3) for m in house.reading().chart(who(house, n)).moved] == ["clash", "clash"]
    (wrong,) = (e.id for e in house.journal.entries() if e.identity is not None and e.identity.patient == who(house, 3))
    house.move_images(who(house, 3), {"happened": AT, "reason": "Not hers.", "undone": True}, SECOND, THEIRS, wrong)
    assert [s.uid for s in studies(house, 2)] == [STUDY]
    other.close()


def test_a_move_between_two_who_became_one_moves_nothing(house: House) -> None:
    move(house)
    one, two = who(house, 1), who(house, 2)
    house.join(one, two)
    chart = house.reading().chart(one)
    assert chart.moved == ()
    assert [r.uid for r in chart.images.items if isinstance(r, ImagingStudy)] == [STUDY]


def test_what_came_under_a_temporary_number_stands_with_who_was_registered(house: House, tmp_path: Path) -> None:
    registered = house.register({
        "happened": AT, "sex": "male", "estimated_year": 1986, "number": NUMBER,
        "temporary_name": {"family": "Foxtrot", "given": "Whisky"}, "location": {"ward": "Ash Ward", "bed": "A4"},
    }).patient  # fmt: skip
    unknown = person(9, identifier=[{"system": "urn:ct-scanner", "value": NUMBER}], birthDate="1986-01-01",
                     name=[{"family": "FOXTROT", "given": ["WHISKY"]}])  # fmt: skip
    again(house, tmp_path, unknown, study("p9", "s9", "1.2.9", "A9"), source="pacs")
    reading = house.reading()
    assert [v.id for v in reading.find(NUMBER)] == [registered]
    assert reading.resolve(NUMBER) == registered
    chart = reading.chart(NUMBER)
    assert [s.uid for s in chart.images.items if isinstance(s, ImagingStudy)] == ["1.2.9"]
    assert chart.patient.scope == "registered"
    assert any("pacs" in note for note in chart.patient.notes)
    (held,) = set(chart.patient.ids) - {registered}
    assert reading.chart(held).patient.id == registered
    assert [f.patient.id for f in reading.flights() if f.open] == [registered]
    row = next(r for r in reading.ward("Ash Ward").rows if r.bed == "A4")
    assert row.waiting == 1
    # and from there two people move it to who the person proved to be
    house.move_images(who(house, 2), {"happened": AT, "study": "1.2.9", "from": NUMBER, "reason": "Identified."},
                      SECOND, THEIRS)  # fmt: skip
    assert {s.uid for s in studies(house, 2)} == {"1.2.9"}
    assert house.reading().chart(NUMBER).images.items == ()
    assert house.reading().chart(who(house, 2)).moved[0].other is not None


def alone(**more: Any) -> PatientView:
    """What a system has under the temporary number."""
    usual: dict[str, Any] = {"id": "P1", "name": HumanName(family="FOXTROT", given=("WHISKY",)),
                             "born": read_moment("1986-01-01"), "identifiers": (Identifier("urn:x", NUMBER),)}  # fmt: skip
    return PatientView(**{**usual, **more})


@pytest.mark.parametrize(
    ("more", "joins"),
    [
        ({}, True),
        ({"identifiers": (Identifier("", NUMBER.lower()),), "born": None, "name": HumanName()}, True),
        ({"name": HumanName(family="UNKNOWN")}, True),
        ({"born": read_moment("1951-02-03")}, True),
        ({"born": read_moment("1951-02-03"), "name": HumanName(family="SOMEBODY")}, False),
        ({"identifiers": (Identifier("urn:x", NUMBER), Identifier(NHS, nhs_number(77)))}, False),
        ({"identifiers": (Identifier("urn:x", NUMBER[:-1] + "X"),)}, False),
        ({"identifiers": (Identifier("urn:x", "0" + NUMBER),)}, False),
        ({"identifiers": (Identifier("urn:x", NUMBER[3:-1]),)}, False),
        ({"identifiers": ()}, False),
    ],
)
def test_only_that_number_to_the_letter_joins(more: dict[str, Any], joins: bool) -> None:
    registered = PatientView(
        id="P0", name=HumanName(family="Foxtrot", given=("Whisky",)), born=read_moment("1986-01-01"),
        identifiers=(identifier_of(NUMBER),),
    )  # fmt: skip
    assert came_under(registered, alone(**more)) is joins


@pytest.mark.parametrize(
    ("more", "joins"),
    [({}, True), ({"born": None}, False), ({"born": read_moment("1986")}, False),
     ({"name": HumanName(family="Zulu")}, False)],
)  # fmt: skip
def test_the_digits_alone_join_only_as_a_hospital_number_does(more: dict[str, Any], joins: bool) -> None:
    """For a site whose systems take no letters (CLINICAL §7.3): birth date to the letter and the family name too."""
    registered = PatientView(
        id="P0", name=HumanName(family="Foxtrot", given=("Whisky",)), born=read_moment("1986-01-01"),
        identifiers=(identifier_of(NUMBER), Identifier("urn:wardlamp:temporary-digits", "4830172", "MR")),
    )  # fmt: skip
    held = alone(**{"identifiers": (Identifier("urn:x", "4830172"),), **more})
    assert came_under(registered, held) is joins
