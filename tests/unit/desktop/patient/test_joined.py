"""Which numbers a record joins, and who joined them: said wherever it can be doubted, silent where nothing was joined."""

from __future__ import annotations

import pytest

from desktop.patient.joined import how, joined_words, number_of
from localdb.chart.views import Join
from localdb.records.moments import read_moment
from localdb.records.vocabulary import Identifier
from tests.unit.desktop.patient.builders import patient_view
from tests.unit.desktop.patient.stage import NOW

NHS = Identifier("https://fhir.nhs.uk/Id/nhs-number", "9990000018", "NH", True)
TITLES = {"pas": "Patient index", "lims": "Laboratory"}


def mr(value: str, system: str = "urn:hospital") -> Identifier:
    return Identifier(system, value, "MR")


def join(number: str, source: str, type_: str = "", **more: object) -> Join:
    return Join(patient=f"P{number}", identifiers=(NHS, mr(number)), source=source, type=type_, **more)  # type: ignore[arg-type]


def words(*joins: Join) -> str:
    return joined_words(patient_view(joins=joins), TITLES, NOW)


def test_the_hospitals_own_number_comes_first_and_the_nhs_number_is_named_as_such() -> None:
    assert number_of(Join(patient="P", identifiers=(NHS, Identifier("urn:x", "X1"), mr("H204")))) == "H204"
    assert number_of(Join(patient="P", identifiers=(NHS, Identifier("urn:x", "X1")))) == "X1"
    assert number_of(Join(patient="P", identifiers=(NHS,))) == "NHS No. 999 000 0018"
    assert number_of(Join(patient="P", identifiers=(mr(""),))) == ""


@pytest.mark.parametrize(
    ("join_", "said"),
    [
        (join("1", "pas"), ""),
        (join("1", "lims", "shared"), "the same number and birth date"),
        (join("1", "pas", "replaced-by", said=read_moment("2026-11-12T10:02:00+00:00")), "merged by Patient index"),
        (join("1", "lims", "seealso", by="source"), "linked by Laboratory"),
        (
            join("1", "lims", "hand", by="Mair Pryce", made=read_moment("2026-11-24T03:05:00+00:00")),
            "joined by Mair Pryce",
        ),
    ],
)
def test_who_joined_it_is_said_by_name(join_: Join, said: str) -> None:
    found = how(join_, TITLES, NOW)
    assert found.startswith(said)
    if join_.said or join_.made:
        assert any(c.isdigit() for c in found), "and when"
    if not said:
        assert found == ""


def test_one_number_over_several_systems_is_no_join_to_speak_of() -> None:
    assert words(join("H204", "pas"), join("H204", "lims", "shared")) == ""
    assert words() == ""


def test_two_numbers_are_both_named_with_their_systems_and_what_joined_them() -> None:
    said = words(join("H204", "pas"), join("88213", "lims", "hand", by="Mair Pryce"))
    assert said == "This record joins H204 (Patient index) and 88213 (Laboratory), joined by Mair Pryce."


def test_three_and_one_without_a_number() -> None:
    bare = Join(patient="P9", source="ris", type="seealso", by="source")
    said = words(join("H204", "pas"), join("88213", "lims", "shared"), bare)
    assert said.startswith("This record joins H204 (Patient index); 88213 (Laboratory)")
    assert said.endswith("and no number (ris), linked by ris.")
