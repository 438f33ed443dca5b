"""Whoever could be mistaken for somebody who lies in the hospital is marked so, on screen and paper (CLINICAL §1.3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.forms import catalogue
from desktop.forms.identity import identity_lines
from localdb.chart.matching import IN_HOSPITAL, SAME_WARD, Alike, normalised
from localdb.chart.views import PatientView
from localdb.records.moments import read_moment
from localdb.records.vocabulary import HumanName
from tests.made import new_house, person, stay, ward, write
from tests.unit.forms import paper

AMINA = {"name": [{"use": "official", "family": "Mohammed", "given": ["Amina"]}]}
AISHA = {"name": [{"use": "official", "family": "Moh\u00e1mmed", "given": ["Aisha"]}]}
PATEL = {"name": [{"use": "official", "family": "Patel", "given": ["Harshad"]}]}


def other_ward(name: str) -> list[dict[str, Any]]:
    """A second ward with one bed, bed9."""
    return [
        {"resourceType": "Location", "id": "ward2", "name": name, "physicalType": {"coding": [{"code": "wa"}]}},
        {"resourceType": "Location", "id": "bed9", "name": "C9", "partOf": {"reference": "Location/ward2"},
         "physicalType": {"coding": [{"code": "bd"}]}},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("beds", "alike"),
    [
        ((1, 2, 3), {"p1": SAME_WARD, "p22": SAME_WARD}),
        ((1, 9, 3), {"p1": IN_HOSPITAL, "p22": IN_HOSPITAL}),
        (
            (1, None, 3),
            {"p22": IN_HOSPITAL},
        ),  # who lies nowhere can be opened for who lies here, not the other way round
    ],
)
def test_the_chart_says_that_somebody_is_alike_and_where(
    tmp_path: Path, beds: tuple[int | None, ...], alike: dict[str, str]
) -> None:
    """Marks and punctuation do not tell people apart; census, search and chart of one copy say the same."""
    people = [person(1, **AMINA), person(22, **AISHA), person(333, **PATEL)]
    ids = ("p1", "p22", "p333")
    stays = [stay(i, bed) for i, bed in zip(ids, beds, strict=True) if bed]
    house = new_house(tmp_path / "vault")
    try:
        sent = [*ward(), *other_ward("Cedar Ward"), *people, *stays]
        house.fill([write(tmp_path / "pas.json", sent)], source="pas", processes=1)
        reading = house.reading()
        views = {
            i: next(v for v in reading.find(name)) for i, name in zip(ids, ("amina", "aisha", "patel"), strict=True)
        }
        assert {i: w for i, v in views.items() if (w := reading.chart(v.id).alike)} == alike
        by_id = {views[i].id: words for i, words in alike.items()}
        assert reading.similar(views.values()) == by_id
        rows = [r for name in ("Ash Ward", "Cedar Ward") for r in reading.ward(name).rows if r.patient is not None]
        lying = {v.id for i, v in views.items() if beds[ids.index(i)]}
        assert {r.patient.id: r.alike for r in rows if r.patient and r.alike} == {
            i: words for i, words in by_id.items() if i in lying
        }
        reading.close()
    finally:
        house.close()


def test_a_newer_copy_is_judged_anew(tmp_path: Path) -> None:
    """The open reader follows: somebody of the same name came into the hospital meanwhile."""
    house = new_house(tmp_path / "vault")
    try:
        house.fill(
            [write(tmp_path / "a.json", [*ward(), person(1, **AMINA), stay("p1", 1)])], source="pas", processes=1
        )
        reading = house.reading()
        (amina,) = reading.find("amina")
        assert reading.chart(amina.id).alike == ""
        house.fill(
            [write(tmp_path / "b.json", [*ward(), person(22, **AISHA), stay("p22", 2)])], source="pas", processes=1
        )
        assert reading.chart(amina.id).alike == SAME_WARD
        reading.close()
    finally:
        house.close()


@pytest.mark.parametrize(
    ("alike", "words"), [(SAME_WARD, "SIMILAR NAME ON WARD"), (IN_HOSPITAL, "SIMILAR NAME IN HOSPITAL")]
)
def test_a_sheet_says_so_in_its_identity_block(alike: str, words: str) -> None:
    chart = paper.chart()
    assert not any("SIMILAR" in line for line in identity_lines(paper.model("F02", chart)))
    marked = paper.model("F02", msgspec.structs.replace(chart, alike=alike))
    assert identity_lines(marked)[1] == words
    assert words in " ".join(p.text for p in catalogue.render_pack([("F02", marked)]).placed)


# -- the rule, said a second time: pair by pair, word for word as CLINICAL §1.3 has it -----------------------------------

_FAMILY = st.sampled_from(["Mohammed", "MOH\u00c1MMED", "Moham-med", "Mohamud", "O'Brien", "OBrien", "", "Ng"])
_GIVEN = st.sampled_from([(), ("Amina",), ("Aminah",), ("Aisha",), ("\u00c9mile",), ("Emil",), ("Anima",)])
_BORN = st.sampled_from([None, "1960", "1960-09", "1960-09-09", "1960-09-19"])
_NUMBER = st.one_of(st.none(), st.text("0123", min_size=3, max_size=4))
_WARD = st.sampled_from(["", "Ash Ward", "ASH WARD", "Cedar Ward"])


@st.composite
def crowd(draw: st.DrawFn) -> list[PatientView]:
    made = []
    for n in range(draw(st.integers(2, 8))):
        born = draw(_BORN)
        made.append(PatientView(
            id=f"P{n}", ids=(f"P{n}", f"Q{n}"), name=HumanName(family=draw(_FAMILY), given=draw(_GIVEN)),
            born=read_moment(born) if born else None, nhs=draw(_NUMBER), mrn=draw(_NUMBER), ward=draw(_WARD),
        ))  # fmt: skip
    return made


def _distance(one: str, other: str) -> int:
    """Levenshtein's, by its table."""
    row = list(range(len(other) + 1))
    for n, a in enumerate(one, 1):
        last, row[0] = row[0], n
        for m, b in enumerate(other, 1):
            last, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, last + (a != b))
    return row[-1]


def _slip(one: str | None, other: str | None) -> bool:
    if not one or not other or one == other:
        return False
    once = {one[:n] + d + one[n + 1 :] for n in range(len(one)) for d in "0123456789"}
    swapped = {one[:n] + one[n + 1] + one[n] + one[n + 2 :] for n in range(len(one) - 1)}
    return other in once | swapped


def by_the_rule(a: PatientView, b: PatientView) -> bool:
    """(a) to (d) of CLINICAL §1.3."""
    family, given_ = normalised(a.name.family), normalised("".join(a.name.given[:1]))
    family_b, given_b = normalised(b.name.family), normalised("".join(b.name.given[:1]))
    day = a.born.text if a.born and len(a.born.text) == 10 else None
    same_day = day is not None and b.born is not None and b.born.text == day
    same_family = family != "" and family == family_b
    return (
        (same_family and given_[:1] == given_b[:1])
        or (same_family and same_day)
        or (same_day and given_ != "" and given_b != "" and _distance(given_, given_b) <= 1)
        or _slip(a.nhs, b.nhs)
        or _slip(a.mrn, b.mrn)
    )


@given(crowd())
def test_who_is_alike_is_who_the_rule_names_pair_by_pair(people: list[PatientView]) -> None:
    index = Alike(people)
    for one in people:
        wanted = {o.id for o in people if o.id != one.id and by_the_rule(one, o)}
        assert {o.id for o in index.of(one)} == wanted
        near = {normalised(o.ward) for o in people if o.id in wanted}
        words = "" if not wanted else SAME_WARD if one.ward and normalised(one.ward) in near else IN_HOSPITAL
        assert index.marks([one]) == ({one.id: words} if words else {})


@given(crowd(), crowd())
def test_an_index_that_follows_is_one_that_was_made_anew(before: list[PatientView], after: list[PatientView]) -> None:
    """People come, go, move and change their names between two copies; the ids of `crowd` are the same ones."""
    followed, anew = Alike(before), Alike(after)
    followed.renew(after)
    for one in (*before, *after):
        assert set(followed.of(one)) == set(anew.of(one))
    followed.renew(())
    assert all(followed.of(one) == () for one in after)


def test_one_person_under_two_ids_is_not_alike_with_themself() -> None:
    name = HumanName(family="Mohammed", given=("Amina",))
    one = PatientView(id="P1", ids=("P1", "P2"), name=name, ward="Ash Ward")
    assert Alike([msgspec.structs.replace(one, id="P2")]).of(one) == ()
