"""H06 Missing allergy read as none, through the stores: every way in which a source may send allergies, or fail to.

From FHIR by fill and cut to the chart: `none_asserted` stands only where somebody asserted it and the assertion stands.
(The words on the screen have their own: `test_h06_missing_allergy_read_as_none`.)
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import msgspec
import pytest

from localdb.chart import living as living_module
from localdb.chart.views import KNOWN, NONE_ASSERTED, NOT_RECORDED, UNAVAILABLE
from localdb.house import House
from localdb.records.vocabulary import Allergy
from localdb.sources.fhir import conditions, mapping
from tests.made import new_house, nhs_number, person, result, write

CLINICAL = (None, "active", "inactive", "resolved")
VERIFICATION = (None, "confirmed", "refuted", "entered-in-error")
CONTENTS = ("penicillin", "none known", "nothing recorded")
_CODES = {
    "penicillin": ("http://snomed.info/sct", "91936005", "Allergy to penicillin"),
    "none known": ("http://snomed.info/sct", "716186003", "No known allergy"),
    "nothing recorded": (
        "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips",
        "no-allergy-info",
        "No information",
    ),
}  # fmt: skip


def allergy(n: int, content: str, clinical: str | None, verification: str | None) -> dict[str, Any]:
    system, code, display = _CODES[content]
    made: dict[str, Any] = {
        "resourceType": "AllergyIntolerance", "id": f"a{n}", "patient": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": system, "code": code, "display": display}]},
    }  # fmt: skip
    for name, value in (("clinicalStatus", clinical), ("verificationStatus", verification)):
        if value is not None:
            made[name] = {"coding": [{"code": value}]}
    return made


def stands(content: str, clinical: str | None, verification: str | None) -> bool:
    return clinical in (None, "active") and verification not in ("refuted", "entered-in-error")


def expected(sent: tuple[tuple[str, str | None, str | None], ...], *, others: bool, whole: bool) -> str:
    """Reckoned from what was sent alone."""
    if any(s[0] == "penicillin" and stands(*s) for s in sent):
        return KNOWN
    if any(s[0] == "none known" and stands(*s) for s in sent):
        return NONE_ASSERTED
    # A source's own word that it knows nothing is a word about this patient: "not recorded", also where they are thin.
    told = any(s[0] == "nothing recorded" for s in sent)
    return NOT_RECORDED if others and (whole or told) else UNAVAILABLE


ONE = [(c, k, v) for c in CONTENTS for k in CLINICAL for v in VERIFICATION]
PAIRS = [((a, "active", "confirmed"), b) for a, b in itertools.product(CONTENTS, ONE[::5])]
CASES = [(), *((o,) for o in ONE), *PAIRS]


def fill(house: House, folder: Path, *, others: bool, whole: bool, source: str) -> None:
    """All the cases as one source's patients."""
    resources: list[dict[str, Any]] = []
    for n, sent in enumerate(CASES):
        resources.append(person(n, id=f"p{n}"))
        resources += [result(f"k{n}", f"p{n}", "4.1")] if whole else []
        for m, one in enumerate(sent):
            resources.append(allergy(n * 10 + m, *one) | {"patient": {"reference": f"Patient/p{n}"}})
    if others:
        other = allergy(99_999, "penicillin", "active", "confirmed") | {"patient": {"reference": "Patient/other"}}
        resources += [person(99_999, id="other"), other]
    house.fill([write(folder / f"{source}.json", resources)], source=source)


def misread(house: House) -> list[str]:
    """Cases whose state is not what was sent; the one check of this hazard."""
    found, reading = [], house.reading()
    for n, sent in enumerate(CASES):
        listing = reading.chart(nhs_number(n)).allergies
        whole = bool(reading.chart(nhs_number(n)).results.items)
        wanted = expected(sent, others=True, whole=whole)
        if listing.state != wanted:
            found.append(f"{sent}: {listing.state}, not {wanted}")
    return found


@pytest.mark.parametrize("whole", [True, False])
def test_none_is_read_only_where_somebody_asserted_it(tmp_path: Path, whole: bool) -> None:
    house = new_house(tmp_path / "vault")
    fill(house, tmp_path, others=True, whole=whole, source="epr")
    assert misread(house) == []
    house.close()


def test_where_no_allergy_was_ever_sent_the_list_is_not_in_this_copy(tmp_path: Path) -> None:
    house = new_house(tmp_path / "vault")
    house.fill([write(tmp_path / "a.json", [person(1), result("k", "p1", "4.1")])], source="lims")
    assert house.reading().chart(nhs_number(1)).allergies.state == UNAVAILABLE
    house.close()


def test_an_assertion_that_is_withdrawn_reads_as_none_no_more(tmp_path: Path) -> None:
    house = new_house(tmp_path / "vault")
    first, then = allergy(1, "none known", "active", "confirmed"), allergy(1, "none known", None, "entered-in-error")
    house.fill([write(tmp_path / "a.json", [person(1), result("k", "p1", "4.1"), first])], source="epr")
    assert house.reading().chart(nhs_number(1)).allergies.state == NONE_ASSERTED
    house.fill([write(tmp_path / "b.json", [then | {"meta": {"versionId": "2"}}])], source="epr")
    assert house.reading().chart(nhs_number(1)).allergies.state == NOT_RECORDED
    house.close()


def test_an_allergy_that_comes_after_an_assertion_wins(tmp_path: Path) -> None:
    house = new_house(tmp_path / "vault")
    none, known = allergy(1, "none known", "active", "confirmed"), allergy(2, "penicillin", "active", "confirmed")
    house.fill([write(tmp_path / "a.json", [person(1), none])], source="epr")
    house.fill([write(tmp_path / "b.json", [known])], source="epr")
    assert house.reading().chart(nhs_number(1)).allergies.state == KNOWN
    house.close()


def test_sabotage_an_empty_list_trusted_as_none_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = living_module.list_state

    def trusting(kind: str, items: Any, scope: str, delivered: Any, **more: Any) -> str:
        state = real(kind, items, scope, delivered, **more)
        return NONE_ASSERTED if kind == "allergy" and state == NOT_RECORDED else state

    house = new_house(tmp_path / "vault")
    fill(house, tmp_path, others=True, whole=True, source="epr")
    monkeypatch.setattr(living_module, "list_state", trusting)
    assert misread(house) != []
    house.close()


def test_sabotage_a_withdrawn_assertion_that_is_believed_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reader and chart both look at the status of an assertion; both controls are taken away."""
    real = conditions.allergy

    def by_code_alone(scope: Any, resource: Any, base: Any) -> Any:
        made = real(scope, resource, base)
        none = any(c.code == "716186003" for c in made.codes)
        return msgspec.structs.replace(made, asserts_none=none) if isinstance(made, Allergy) else made

    monkeypatch.setitem(mapping._READERS, "AllergyIntolerance", by_code_alone)
    house = new_house(tmp_path / "vault")
    fill(house, tmp_path, others=True, whole=True, source="epr")
    assert misread(house) == [], "the chart alone holds"
    monkeypatch.setattr(living_module, "asserts_none", lambda allergy: allergy.asserts_none)
    assert misread(house) != []
    house.close()
