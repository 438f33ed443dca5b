"""Microbiology as sent: what grew, organisms against antibiotics, INTERIM, and nothing lost or inferred (CLINICAL §3.3)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.chart.living import living
from localdb.chart.microbiology import INTERIM, Microbiology, Specimen, microbiology
from localdb.records.moments import from_instant, read_moment
from localdb.records.vocabulary import Alert, Component, Record, Reference, Report, Result
from tests.made import NOW, new_house, person, write
from tests.unit.desktop.patient.builders import patient_view


def sent(number: int, name: str, value: str | None = None, **more: Any) -> Result:
    more.setdefault("status", "final")
    members = more.pop("members", ())
    return Result(
        id=f"R{number:013d}", patient="P", source="lims", source_id=f"o{number}", text=name, value=value,
        happened=read_moment(f"2026-11-{number % 20 + 1:02d}T09:00:00+00:00"),
        references=tuple(Reference("member", f"Observation/o{m}") for m in members), **more,
    )  # fmt: skip


def report(number: int, name: str, *results: int, **more: Any) -> Report:
    more.setdefault("status", "final")
    more.setdefault("category", "MB")
    return Report(id=f"D{number:013d}", patient="P", source="lims", source_id=f"d{number}", text=name,
                  results=tuple(f"Observation/o{n}" for n in results), **more)  # fmt: skip


def held(*records: Record) -> Microbiology:
    return microbiology(living(patient_view(), records, (), (), from_instant(NOW)))


def one(*records: Record) -> Specimen:
    (found,) = held(*records).specimens
    return found


def drugs(found: Specimen) -> list[tuple[str, str, str]]:
    return [(d.name, d.letter, d.figure) for i in found.isolates for d in i.drugs]


def part(name: str, flag: str | None, value: str | None = None, **more: Any) -> Component:
    return Component(text=name, flag=flag, value=value, **more)


def test_an_organism_with_its_antibiotics_as_components() -> None:
    found = one(
        sent(1, "Organism", "Escherichia coli",
             components=(part("Gentamicin", "S", "0.5", comparator="<=", unit="mg/L"), part("Trimethoprim", None, "R"),
                         part("Quantity", None, ">10^5 cfu/mL"))),
        report(1, "Urine culture", 1),
    )  # fmt: skip
    (isolate,) = found.isolates
    assert (isolate.name, isolate.quantity) == ("Escherichia coli", "Quantity: >10^5 cfu/mL")
    assert drugs(found) == [("Gentamicin", "S", "<=0.5 mg/L"), ("Trimethoprim", "R", "")]


def test_a_tree_of_members_and_one_drug_by_two_methods_has_two_rows() -> None:
    found = one(
        sent(1, "Staphylococcus aureus Panel", members=(2, 3, 6)),
        sent(2, "ORGANISM", "Staphylococcus aureus"),
        sent(3, "Susceptibility, broth dilution", members=(4, 5)),
        sent(4, "Oxacillin", "0.5", flag="S"),
        sent(5, "Penicillin", "2", comparator=">=", flag="R"),
        sent(6, "Susceptibility, disk", members=(7,)),
        sent(7, "Oxacillin", None, flag="S"),
        report(1, "Culture, MRSA", 1),
    )
    assert [i.name for i in found.isolates] == ["Staphylococcus aureus"]
    assert drugs(found) == [("Oxacillin", "S", "0.5"), ("Penicillin", "R", ">=2"), ("Oxacillin", "S", "")]
    assert found.drugs == (("Oxacillin", 0), ("Penicillin", 0), ("Oxacillin", 1))


def test_of_two_organisms_without_a_word_whose_the_antibiotics_are_they_stand_with_neither() -> None:
    found = one(
        sent(1, "Culture", members=(2, 3, 4)),
        sent(2, "Organism 1", "Klebsiella"),
        sent(3, "Organism 2", "Proteus"),
        sent(4, "Gentamicin", None, flag="R"),
        report(1, "Wound culture", 1),
    )
    assert {i.name: len(i.drugs) for i in found.isolates}["organism not said"] == 1
    assert all(not i.drugs for i in found.isolates if i.name in ("Klebsiella", "Proteus"))


def test_what_the_laboratory_suppressed_stays_suppressed() -> None:
    found = one(
        sent(1, "Organism", "E. coli", components=(
            part("Ciprofloxacin", None, None, absent="masked"), part("Colistin", "S", None, absent="masked"),
            part("Amoxicillin", "R"))),
        sent(2, "Culture", "growth", members=(3, 1)),
        sent(3, "Meropenem", None, flag="R", status="cancelled"),
        report(1, "Blood culture", 2),
    )  # fmt: skip
    assert [d[0] for d in drugs(found)] == ["Amoxicillin"]


def test_i_is_a_letter_of_susceptibility_only_inside_one_and_brings_its_key() -> None:
    with_i = one(sent(1, "Organism", "P. aeruginosa", components=(part("Ceftazidime", "I"),)), report(1, "Culture", 1))
    assert with_i.has_i
    other = held(sent(1, "Potassium", "4.1", flag="I"))
    assert other.specimens == ()


@pytest.mark.parametrize("status", ["preliminary", "partial", "registered", "P", "S"])
def test_what_is_not_final_says_interim_in_each_line(status: str) -> None:
    found = one(
        sent(1, "Blood culture", "No growth at 24 h", status=status), report(1, "Blood culture", 1, status=status)
    )
    assert found.status == INTERIM
    assert [f.mark for f in found.findings] == [INTERIM]
    grown = one(sent(1, "Organism", "E. coli", status=status, components=(part("Gentamicin", "S"),)))
    assert (grown.status, grown.isolates[0].mark) == (INTERIM, INTERIM)


def test_a_final_result_below_an_interim_report_is_interim_and_the_reverse() -> None:
    assert one(sent(1, "Culture", "x"), report(1, "Culture", 1, status="preliminary")).status == INTERIM
    assert one(sent(1, "Culture", "x", status="preliminary"), report(1, "Culture", 1)).status == INTERIM


def test_what_was_withdrawn_is_nowhere() -> None:
    gone = one(sent(1, "Culture", "Salmonella", status="entered-in-error"),
               report(1, "Stool culture", 1, status="entered-in-error", conclusion="Salmonella seen"))  # fmt: skip
    assert gone.status == "WITHDRAWN"
    assert "Salmonella" not in repr(gone)
    part_of = one(sent(1, "Organism", "Salmonella", status="entered-in-error"), sent(2, "Microscopy", "pus cells"),
                  report(1, "Stool culture", 1, 2))  # fmt: skip
    assert "Salmonella" not in repr(part_of)
    assert [f.is_gone for f in part_of.findings] == [True, False]


def test_a_report_without_results_says_its_own_words() -> None:
    found = one(report(1, "MRSA screen", conclusion="MRSA not isolated", said=read_moment("2026-11-24T01:00:00+00:00")))
    assert (found.title, found.conclusion) == ("MRSA screen", "MRSA not isolated")


def test_alerts_of_resistance_stand_as_recorded() -> None:
    def alert(text: str, **more: Any) -> Alert:
        more.setdefault("status", "active")
        return Alert(id=text, patient="P", source="pas", source_id=text, text=text, **more)

    found = held(alert("MRSA carrier"), alert("Falls risk"), alert("CPE contact", restricted=True),
                 alert("ESBL", status="entered-in-error"))  # fmt: skip
    assert [a.text for a in found.alerts] == ["MRSA carrier"]


_NAMES = st.sampled_from(["Culture", "Gram stain", "Organism", "PCR, respiratory", "MRSA screen", "Potassium"])


@given(st.lists(st.tuples(_NAMES, st.lists(st.integers(1, 8), max_size=3)), min_size=1, max_size=8),
       st.lists(st.integers(1, 8), max_size=4))  # fmt: skip
def test_each_result_of_microbiology_stands_once_whatever_names_what(
    made: list[tuple[str, list[int]]], reported: list[int]
) -> None:
    """Members in circles, named twice or never: nothing is lost, doubled or endless."""
    records: list[Record] = [
        sent(n, name, f"value {n}", members=tuple(members)) for n, (name, members) in enumerate(made, 1)
    ]
    found = held(*records, report(1, "Culture", *reported))
    told = [i for s in found.specimens for i in s.records if i.startswith("R")]
    assert len(told) == len(set(told))
    assert {f"R{n:013d}" for n, (name, _) in enumerate(made, 1) if name != "Potassium"} <= set(told)


def test_the_published_panel_reads_whole(tmp_path: Path, data_dir: Path) -> None:
    """HL7's own example of a culture: each antibiotic's letter and figure is the file's."""
    bundle = json.loads((data_dir / "fhir/r4-spec-examples/Bundle/Bundle-micro.json").read_text("utf-8"))
    resources = [e["resource"] for e in bundle["entry"]]
    house = new_house(tmp_path / "vault")
    house.fill([write(tmp_path / "m.json", [{**person(1), "id": "example"}, *resources])], source="lims")
    reading = house.reading()
    found = microbiology(reading.chart("H0000001"))
    reading.close()
    house.close()
    wanted = set()
    for r in resources:
        letters = [c["code"] for i in r.get("interpretation", ()) for c in i["coding"]]
        if r["resourceType"] == "Observation" and letters:
            quantity = r.get("valueQuantity", {})
            figure = f"{quantity.get('comparator', '')}{quantity.get('value', '')}"
            wanted.add((r["code"]["coding"][0]["display"], letters[0], figure))
    (specimen,) = found.specimens
    told = {(d.name, d.letter, d.figure.split(" ")[0]) for i in specimen.isolates for d in i.drugs}
    assert len(wanted) > 10
    assert {w[:2] for w in wanted} == {t[:2] for t in told}
    assert [i.name for i in specimen.isolates] == ["Staphylococcus aureus"]
