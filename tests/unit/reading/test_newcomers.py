"""Somebody registered here is a patient of the living chart: found, on the ward, read, printed, and in no copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from desktop.forms.catalogue import FORMS
from desktop.printing.issuing import issue, wanted
from localdb.chart.registered import NOT_IN_ANY_COPY
from localdb.errors import InputRefused
from localdb.house import House, open_house
from localdb.numbers.temporary import temporary_number
from localdb.records.vocabulary import LISTS
from tests.made import NOW, SECRET, new_house, nhs_number, person, result, stay, ward, write

AT = "2026-11-24T02:55:00+00:00"
NUMBER = "RPH4830172W"
BODY: dict[str, Any] = {
    "happened": AT, "sex": "male", "estimated_year": 1986, "number": NUMBER,
    "temporary_name": {"family": "Foxtrot", "given": "Whisky"}, "location": {"ward": "Ash Ward", "bed": "A3"},
    "next_of_kin": {"name": "A friend", "phone": "07700 900123"}, "alerts": ["Deaf"],
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = new_house(tmp_path / "vault")
    made.set_site({"hospital": "Northmoor", "ward": "Ash Ward"})
    named = [person(n, name=[{"family": f, "given": [g]}]) for n, f, g in ((1, "Alder", "Ann"), (2, "Zander", "Zoe"))]
    facts = [*ward(), *named, stay("p1", 1), stay("p2", 2), result("k", "p1", "5.4")]
    made.fill([write(tmp_path / "a.json", facts)], source="epr", processes=1)
    yield made
    made.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[House]:
    """A laptop that holds no copy at all."""
    made = new_house(tmp_path / "vault")
    yield made
    made.close()


def test_found_by_name_number_digits_birth_and_bed_in_name_order(house: House) -> None:
    patient = house.register(BODY).patient
    reading = house.reading()
    for text in (
        "foxtrot",
        "whisky fox",
        NUMBER,
        "rph 4830172 w",
        "4830172",
        "RPH483",
        "01-Jan-1986",
        "ash ward a3",
        "A3",
    ):
        assert patient in [v.id for v in reading.find(text)], text
    for text in ("foxtrott", "4830173", "RPH4830172X", "foxtrot ann", ""):
        assert patient not in [v.id for v in reading.find(text)], text
    assert [v.name.family for v in reading.find("ash ward")] == ["Alder", "Foxtrot", "Zander"]
    assert [v.name.family for v in reading.find("ash ward", 2)] == ["Alder", "Foxtrot"]
    assert reading.resolve(NUMBER) == reading.resolve(patient) == reading.resolve("rph 4830172 w") == patient
    reading.close()


def test_the_census_has_them_in_their_bed(house: House) -> None:
    patient = house.register(BODY).patient
    rows = house.reading().ward().rows
    assert [(r.bed, r.patient.name.family if r.patient else "") for r in rows] == [
        ("A1", "Alder"), ("A2", "Zander"), ("A3", "Foxtrot"), ("A4", ""),
    ]  # fmt: skip
    assert next(r for r in rows if r.patient and r.patient.id == patient).allergy_state == "unavailable"


def test_the_chart_says_that_nothing_is_known(house: House) -> None:
    done = house.register(BODY)
    house.enter("note", NUMBER, {"happened": AT, "text": "Seen."})
    chart = house.reading().chart(done.patient)
    view = chart.patient
    assert chart.lists.keys() == LISTS.keys()
    assert {(x.state, x.items) for x in chart.lists.values()} == {("unavailable", ())}
    assert (view.scope, view.mrn, view.gender, view.born_estimated) == ("registered", NUMBER, "male", True)
    assert view.born is not None
    assert (view.born.text, view.born.precision) == ("1986-01-01", "day")
    assert view.contacts[0].phones == ("07700 900123",)
    assert any(note.startswith(NOT_IN_ANY_COPY) for note in view.notes)
    assert any("Deaf" in note for note in view.notes)
    assert [e.kind for e in chart.entries] == ["note", "registration"]
    assert {e.identity.mrn for e in chart.entries if e.identity} == {NUMBER}


def test_a_laptop_without_any_copy_registers_and_reads(empty: House) -> None:
    patient = empty.register(BODY).patient
    reading = empty.reading()
    assert reading.wards() == ("Ash Ward",)
    assert [r.patient.id for r in reading.ward().rows if r.patient] == [patient]
    assert reading.chart(NUMBER).patient.id == patient
    assert [v.id for v in reading.find("fox")] == [patient]


def test_another_laptop_s_registration_comes_with_its_journal(house: House, tmp_path: Path) -> None:
    other = new_house(tmp_path / "other", device="W02")
    patient = other.register(BODY).patient
    other.enter("note", patient, {"happened": AT, "text": "Seen on the other ward."})
    other.journal.exchange_out(tmp_path / "x", b"exchange words", "floor")
    other.close()
    reading = house.reading()
    assert reading.find("foxtrot") == ()
    house.journal.exchange_in(tmp_path / "x", b"exchange words")
    assert [v.id for v in reading.find("foxtrot")] == [patient]  # the same reader, without being opened anew
    assert len(reading.chart(patient).entries) == 2
    reading.close()


def test_registered_on_two_laptops_under_one_paper_number_is_said(house: House, tmp_path: Path) -> None:
    other = new_house(tmp_path / "other", device="W02")
    other.register({**BODY, "sex": "female", "estimated_year": 1940})
    other.journal.exchange_out(tmp_path / "x", b"exchange words", "floor")
    other.close()
    house.register(BODY)
    house.journal.exchange_in(tmp_path / "x", b"exchange words")
    view = house.reading().chart(NUMBER).patient
    assert view.notes[0].startswith("REGISTERED MORE THAN ONCE")


def test_who_they_are_believed_to_be_stands_with_both_and_joins_nothing(house: House) -> None:
    temporary = house.register(BODY).patient
    real = house.reading().resolve(nhs_number(1))
    before = house.reading().chart(real)
    said = house.enter("identification", temporary, {
        "happened": AT, "matched_by": ["Tess Tester", "Sam Clerk"], "evidence": "Passport", "nhs": nhs_number(1),
    })  # fmt: skip
    one, two = house.reading().chart(temporary), house.reading().chart(real)
    assert (one.patient.id, two.patient.id) == (temporary, real)
    assert one.patient.ids == (temporary,)
    assert two.lists == before.lists
    assert two.entries == before.entries == ()
    assert "999" in one.patient.notes[0]
    assert "Tess Tester and Sam Clerk" in one.patient.notes[0]
    assert NUMBER in two.patient.notes[0]
    house.enter("identification", temporary, {
        "happened": AT, "matched_by": ["Tess Tester", "Sam Clerk"], "evidence": "Wrong passport", "withdrawn": True,
    }, said.entry)  # fmt: skip
    one, two = house.reading().chart(temporary), house.reading().chart(real)
    assert not any("believed" in note for note in (*one.patient.notes, *two.patient.notes))


def test_nobody_of_the_copy_is_registered_or_identified(house: House) -> None:
    body = {k: v for k, v in BODY.items() if k not in ("number", "temporary_name")}
    for kind, given in (("registration", body), ("identification", {"happened": AT})):
        with pytest.raises(InputRefused) as caught:
            house.enter(kind, nhs_number(1), given)
        assert caught.value.code == "registration.unknown"
    patient = house.register(BODY).patient
    with pytest.raises(InputRefused) as caught:
        house.enter("registration", patient, body)
    assert caught.value.code == "numbers.used"


def test_a_site_without_letters_reads_seven_digits_as_hospital_number(house: House) -> None:
    house.set_site({"temporary_letters": False})
    patient = house.register(BODY).patient
    view = house.reading().chart(patient).patient
    assert view.mrn == "4830172"
    assert {i.value for i in view.identifiers} == {NUMBER, "4830172"}  # the ODS code stays beside it
    assert house.reading().resolve("4830172") == house.reading().resolve(NUMBER) == patient


def test_those_like_each_other_are_marked(house: House) -> None:
    first = house.register(BODY).patient
    like = {"number": temporary_number("RPH", 4830173), "temporary_name": {"family": "Foxtrot", "given": "Windmill"}}
    house.register({**BODY, **like, "location": {"ward": "Ash Ward", "bed": "A4"}})
    assert house.reading().chart(first).alike == "Same name on ward"


def test_every_form_of_one_patient_prints_with_name_and_number(house: House) -> None:
    patient = house.register(BODY).patient
    forms = [code for code, form in FORMS.items() if form.takes == "patient"]
    assert len(forms) > 15
    for code in forms:
        made = issue(house, wanted(house, code, patient=patient, ward=None, blank=0, copies=1))
        pages = pypdfium2.PdfDocument(made.pdf)
        text = " ".join(page.get_textpage().get_text_bounded() for page in pages)
        assert "FOXTROT" in text.upper(), code
        assert "4830172" in text.replace(" ", ""), code
        assert not made.plain, code


def test_a_lost_copy_leaves_them_readable(house: House) -> None:
    """Delete the snapshot: every entry must still read with its patient's identity (D5)."""
    patient = house.register(BODY).patient
    vault = house.vault
    house.close()
    for name in ("layers", "generations"):
        for file in (vault / name).iterdir():
            file.unlink()
    again = open_house(vault, SECRET, clock=lambda: NOW)
    assert again.reading().chart(patient).patient.mrn == NUMBER
    again.close()
