"""Organism × antibiotic in both forms (CLINICAL §3.3): never lost, never beside another organism."""

from __future__ import annotations

from localdb.chart.cells import cells_of
from localdb.records.vocabulary import Result
from tests.unit.sources.hl7v2_help import PID, message, told, unit

CULTURE = "OBR|1|P1|F1|BC^Blood culture^L|||20261120013000||||||||||||||||||F"
ORGANISMS = (
    "OBX|1|CE|ORG^Organism identified^L|1|ECOLI^Escherichia coli^L||||||F",
    "OBX|2|CE|ORG^Organism identified^L|2|SAUR^Staphylococcus aureus^L||||||F",
)


def results(*segments: str) -> list[Result]:
    return told(unit(message("ORU^R01", PID, *segments)), "result")


def matrix(found: list[Result]) -> dict[str | None, list[tuple[str, str | None, str | None, str | None]]]:
    return {r.value: [(c.text, c.comparator, c.value, c.flag) for c in r.components] for r in found}


def test_a_child_order_names_its_organism() -> None:
    child = (
        "OBR|2|P2|F2|AST^Susceptibility panel^L|||||||||||||||||||||F|ORG&Organism identified&L^2^Staphylococcus aureus"
    )
    found = results(
        CULTURE, *ORGANISMS, child, "OBX|1|SN|28-1^Flucloxacillin [Susceptibility]^LN|1|<=^0.25|mg/L||S|||F"
    )
    assert matrix(found) == {
        "Escherichia coli": [],
        "Staphylococcus aureus": [("Flucloxacillin [Susceptibility]", "<=", "0.25", "S")],
    }
    (cell,) = [c for r in found for c in cells_of(r) if "Flucloxacillin" in c.name]
    assert (cell.text, cell.unit, cell.flag) == ("<=0.25", "mg/L", "S")


def test_the_flat_form_goes_by_sub_id() -> None:
    found = results(
        CULTURE, *ORGANISMS, "OBX|3|ST|GEN^Gentamicin susceptibility^L|1.1|||||R|||F".replace("|||||R", "||||R"),
        "OBX|4|NM|VAN^Vancomycin MIC^L|2.1|1|mg/L||S|||F",
    )  # fmt: skip
    assert matrix(found) == {
        "Escherichia coli": [("Gentamicin susceptibility", None, "R", "R")],
        "Staphylococcus aureus": [("Vancomycin MIC", None, "1", "S")],
    }


def test_an_antibiotic_without_its_organism_stands_alone() -> None:
    found = results(CULTURE, *ORGANISMS, "OBX|3|NM|VAN^Vancomycin MIC^L|7|1|mg/L||S|||F")
    assert matrix(found) == {"Escherichia coli": [], "Staphylococcus aureus": [], "1": []}


def test_what_is_preliminary_in_the_part_is_preliminary_in_the_whole() -> None:
    found = results(CULTURE, *ORGANISMS, "OBX|3|NM|VAN^Vancomycin MIC^L|2|1|mg/L||S|||P")
    assert [(r.value, r.status) for r in found] == [
        ("Escherichia coli", "final"), ("Staphylococcus aureus", "preliminary"),
    ]  # fmt: skip


def test_a_withdrawn_susceptibility_is_no_component() -> None:
    found = results(CULTURE, *ORGANISMS, "OBX|3|NM|VAN^Vancomycin MIC^L|2|1|mg/L||S|||W")
    assert all(not r.components for r in found)
    assert found[-1].status == "entered-in-error" and found[-1].value is None


def test_i_outside_a_susceptibility_stays_as_sent() -> None:
    found = results("OBR|1|P1|F1|UE^U&E^L", "OBX|1|NM|K^Potassium^L||4.1|mmol/L||I|||F")
    assert [(r.value, r.flag, r.components) for r in found] == [("4.1", "I", ())]
