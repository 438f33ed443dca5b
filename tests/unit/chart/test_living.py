"""The living chart: an entry that comes back is shown once, and each list says why it is empty."""

from __future__ import annotations

import base64
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from localdb.chart.living import list_state
from localdb.records.vocabulary import Allergy, Coding
from tests.made import new_house, nhs_number, person, result, write


def test_an_entry_that_comes_back_is_shown_once_as_confirmed(tmp_path: Path) -> None:
    house = new_house(tmp_path / "vault")
    house.fill([write(tmp_path / "a.json", [person(1), result("k", "p1", "4.1")])], source="epr")
    body = {"happened": "2026-11-24T02:50:00+00:00", "text": "Drowsy, rousable"}
    receipt = house.enter("note", nhs_number(1), body)
    assert [e.delivery for e in house.reading().chart(nhs_number(1)).entries] == ["kept"]
    echo = {
        "resourceType": "DocumentReference", "id": "d1", "status": "current", "subject": {"reference": "Patient/p1"},
        "identifier": [{"system": "urn:wardlamp:entry", "value": f"{receipt.entry}#1"}],
        "content": [{"attachment": {"contentType": "text/plain", "data": base64.b64encode(b"Drowsy").decode()}}],
    }  # fmt: skip
    other = {**echo, "id": "d2", "identifier": [{"system": "urn:wardlamp:entry", "value": "E000000000000X#1"}]}
    house.fill([write(tmp_path / "b.json", [echo, other])], source="epr")
    chart = house.reading().chart(nhs_number(1))
    assert [(e.id, e.delivery) for e in chart.entries] == [(receipt.entry, "confirmed")]
    assert [d.source_id for d in chart.documents.items] == ["d2"]  # another laptop's entry is not known here: it stays
    house.close()


def made(clinical: str, verification: str, none: bool) -> Allergy:
    return Allergy(id="R", patient="P", source="s", source_id="x", clinical=clinical, verification=verification,
                   asserts_none=none)  # fmt: skip


allergies = st.builds(
    made,
    st.sampled_from(["active", "inactive", "resolved", ""]),
    st.sampled_from(["confirmed", "unconfirmed", "refuted", "entered-in-error", ""]),
    st.booleans(),
)


@given(st.lists(allergies, max_size=4), st.sampled_from(["whole", "thin"]), st.booleans())
def test_none_known_needs_a_standing_assertion(items: list[Allergy], scope: str, delivered: bool) -> None:
    state = list_state("allergy", items, scope, {"allergy"} if delivered else set())
    standing = [
        a for a in items if a.clinical in ("active", "") and a.verification not in ("refuted", "entered-in-error")
    ]
    assert (state == "known") == any(not a.asserts_none for a in standing)
    if state == "none_asserted":
        assert any(a.asserts_none for a in standing)
    if not standing:
        assert state == ("not_recorded" if scope == "whole" and delivered else "unavailable")


def test_no_known_food_allergy_does_not_read_as_none() -> None:
    food = Allergy(id="R", patient="P", source="s", source_id="x", clinical="active", asserts_none=True,
                   codes=(Coding("http://snomed.info/sct", "429625007"),))  # fmt: skip
    assert list_state("allergy", [food], "whole", {"allergy"}) == "not_recorded"
