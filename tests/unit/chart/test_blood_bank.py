"""The blood bank card: what counts as a group, what contradicts what, and that nothing else is lost (CLINICAL §3.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.chart.blood_bank import ASK, BloodBank, blood_bank, contradict, guarded, is_group
from localdb.chart.living import living
from localdb.records.moments import from_instant, read_moment
from localdb.records.vocabulary import Alert, Coding, Record, Request, Result
from tests.made import NOW
from tests.unit.desktop.patient.builders import patient_view

LOINC = "http://loinc.org"
CODES = {"ABO group": "883-9", "RhD": "10331-7", "ABO and Rh group": "882-1"}


def sent(number: int, name: str, value: str | None, *, coded: bool = True, **more: object) -> Result:
    codes = (Coding(LOINC, CODES[name], name),) if coded and name in CODES else ()
    more.setdefault("status", "final")
    return Result(
        id=f"R{number:013d}", patient="P", source="bank", source_id=str(number), text=name, value=value,
        codes=codes, happened=read_moment(f"2024-0{number % 9 + 1}-10T09:00:00+00:00"), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def card(*records: Record) -> BloodBank:
    return blood_bank(living(patient_view(), records, (), (), from_instant(NOW)))


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        (("ABO group", "O"), ("ABO group", "A"), True),
        (("ABO group", "O"), ("ABO group", "O"), False),
        (("ABO group", "O"), ("RhD", "positive"), False),
        (("ABO and Rh group", "A Rh(D) positive"), ("ABO group", "A"), False),
        (("ABO and Rh group", "A Rh(D) positive"), ("ABO group", "AB"), True),
        (("ABO and Rh group", "A RhD negative"), ("RhD", "Positive"), True),
        (("ABO and Rh group", "O POS"), ("ABO and Rh group", "O NEG"), True),
        (("ABO and Rh group", "O+"), ("ABO and Rh group", "O-"), True),
        (("ABO and Rh group", "B Rh D Pos"), ("ABO and Rh group", "B +"), False),
        (("RhD", "D positive"), ("RhD", "Rh(D) NEGATIVE"), True),
        (("RhD", "weak D"), ("RhD", "negative"), True),
        (("ABO group", "Blood group O"), ("ABO group", "0"), False),
        (("ABO group", "not determined"), ("ABO group", "O"), True),
    ],
)
def test_what_contradicts_what(one: tuple[str, str], other: tuple[str, str], differ: bool) -> None:
    records = (sent(1, *one), sent(2, *other))
    assert contradict(records) is differ
    assert contradict(records[::-1]) is differ
    shown = card(*records)
    assert shown.is_discrepant is differ
    assert bool(shown.groups) is not differ


def test_a_group_is_known_by_its_name_too_and_nothing_else_is() -> None:
    for name in ("Blood group", "ABO", "ABO group", "Rh D type", "RhD", "Rhesus factor", "Group and Rh"):
        assert is_group(sent(1, name, "O", coded=False)), name
    for name in ("Antibody screen", "Group and save", "Blood group antibody screen", "Rh phenotype", "Rheumatoid factor",
                 "Abortus", "Blood glucose", "ABO antibody titre"):  # fmt: skip
        assert not is_group(sent(1, name, "O", coded=False)), name


def test_what_was_withdrawn_contradicts_nothing() -> None:
    records = (sent(1, "ABO group", "O"), sent(2, "ABO group", "A", status="entered-in-error"))
    shown = card(*(records[0], records[1]))
    assert not shown.is_discrepant
    assert [line.text for line in shown.groups] == ["O"]


_NAMES = st.sampled_from(sorted(CODES))
_VALUES = st.sampled_from(
    ["O", "A", "B", "AB", "O pos", "A neg", "B Rh(D) positive", "AB-", "positive", "negative", "?"]
)


@given(st.lists(st.tuples(_NAMES, _VALUES), min_size=1, max_size=6))
def test_where_groups_contradict_no_value_is_left_and_else_all_are(groups: list[tuple[str, str]]) -> None:
    records = tuple(sent(n, name, value) for n, (name, value) in enumerate(groups, 1))
    other = sent(9, "Haemoglobin", "104")
    shown = guarded((*records, other))
    assert shown[-1] is other
    if contradict(records):
        assert all(r.value is None and r.absent == ASK and not r.comments for r in shown[:-1])  # type: ignore[attr-defined]
    else:
        assert shown == (*records, other)


def test_the_card_has_every_part_as_sent() -> None:
    shown = card(
        sent(1, "ABO group", "O", comments=("rests on 2 samples",)),
        sent(2, "RhD", "negative"),
        sent(3, "Antibody screen", "anti-K", coded=False, method="Transfusion laboratory"),
        sent(4, "Hepatitis B surface antibody", "12", coded=False),
        sent(5, "Group and save", "valid until 26-Nov-2026 23:59", coded=False),
        sent(6, "Red cells", "2 units held", coded=False),
        sent(7, "Last transfusion", "2019", coded=False),
        Alert(id="A1", patient="P", source="pas", source_id="a", text="Irradiated components", status="active"),
        Alert(id="A2", patient="P", source="pas", source_id="b", text="Febrile transfusion reaction", status="active"),
        Alert(id="A3", patient="P", source="pas", source_id="c", text="Washed cells", status="inactive"),
        Request(id="Q1", patient="P", source="pas", source_id="q", text="Crossmatch 2 units", status="active"),
    )
    assert [(g.label, g.text) for g in shown.groups] == [("RhD", "negative"), ("ABO group", "O")]
    assert shown.groups[1].comments == ("rests on 2 samples",)
    assert [a.text for a in shown.antibodies] == ["anti-K"], "an antibody of virology is none of the blood bank's"
    assert [r.label for r in shown.requirements] == ["Irradiated components"]
    assert [r.label for r in shown.reactions] == ["Febrile transfusion reaction"]
    assert [s.text for s in shown.samples] == ["valid until 26-Nov-2026 23:59", "active"]
    assert [u.text for u in shown.units] == ["2 units held"]
    assert [e.text for e in shown.events] == ["2019"]


def test_nothing_on_record_is_an_empty_card() -> None:
    assert card(sent(1, "Haemoglobin", "104")).is_empty
