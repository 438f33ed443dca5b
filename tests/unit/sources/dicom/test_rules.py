"""Which pixels are kept: the scope of CLINICAL §4.3 (CR and DX 90 days; CT and MR of the present stay, key images and one
thick series), priors, and what goes first when the room is used up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdb.errors import InputRefused
from localdb.records.moments import from_instant, micros
from localdb.records.vocabulary import Instance, Pixels
from localdb.sources.dicom.rules import (
    NOT_BY_RULE,
    TOO_LARGE,
    Bed,
    Held,
    Imaging,
    chosen_series,
    judged,
    over_budget,
)
from localdb.sources.feed.settings import read_imaging, read_profiles
from tests.unit.chart.imaging import instance, note

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
RULES = Imaging(keep="rules")
IN_WARD = Bed(is_inpatient=True, since=micros(NOW - timedelta(days=5)))
OUT = Bed()


def ago(days: float) -> Any:
    return from_instant(NOW - timedelta(days=days))


def film(study: str, days: float, modality: str = "CR", **more: Any) -> Instance:
    return instance(1, study=study, modality=modality, happened=ago(days), position=(), orientation=(), **more)


def stack(study: str, series: int, gap: float, count: int, days: float = 1, **more: Any) -> list[Instance]:
    return [
        instance(n, study=study, series=series, happened=ago(days), position=("0", "0", str(n * gap)), **more)
        for n in range(1, count + 1)
    ]


def gone(instances: list[Instance], bed: Bed = IN_WARD, rules: Imaging = RULES) -> set[str]:
    return {i.uid for i in instances if i.id in judged(instances, bed, rules, NOW).let_go}


@pytest.mark.parametrize("bed", [IN_WARD, OUT])
def test_a_plain_film_is_kept_for_ninety_days_wherever_the_patient_is(bed: Bed) -> None:
    new, edge = film("1", 1, body_site="CHEST"), film("2", 89.9, body_site="CHEST")
    old = film("3", 91, body_site="HAND")
    assert gone([new, edge, old], bed) == {old.uid}


def test_the_days_of_a_modality_are_the_sites() -> None:
    one = film("1", 10, "US")
    assert gone([one]) == {one.uid}  # before the stay
    assert gone([one], rules=Imaging(keep="rules", days={"US": 30})) == set()
    film_ = film("1", 10)
    assert gone([film_], rules=Imaging(keep="rules", days={"CR": 7})) == {film_.uid}


def test_a_ct_belongs_to_the_stay() -> None:
    other = stack("3", 1, 5, 4, days=60, body_site="HEAD")
    during = stack("1", 1, 5, 4, days=3, body_site="CHEST")
    before = stack("2", 1, 5, 4, days=60, body_site="CHEST")
    oldest = stack("4", 1, 5, 4, days=90, body_site="CHEST")
    # One prior of the same modality and body part is kept, the head and the older one are not.
    assert gone([*during, *before, *other, *oldest]) == {i.uid for i in (*other, *oldest)}
    assert gone([*during, *before], rules=Imaging(keep="rules", priors=0)) == {i.uid for i in before}


def test_the_examination_of_the_emergency_department_belongs_to_the_stay() -> None:
    assert gone(stack("1", 1, 5, 4, days=6)) == set()  # one day before admission
    assert len(gone(stack("1", 1, 5, 4, days=8))) == 4


def test_who_lies_in_no_ward_keeps_a_ct_for_two_days() -> None:
    assert gone(stack("1", 1, 5, 4, days=1), OUT) == set()
    assert len(gone(stack("1", 1, 5, 4, days=3), OUT)) == 4


def test_of_a_stack_one_thick_series_and_the_key_images() -> None:
    thin = stack("1", 1, 0.6, 300)
    thick = stack("1", 2, 5, 40)
    scout = [instance(1, study="1", series=3, happened=ago(1), image_type=("ORIGINAL", "PRIMARY", "LOCALIZER"))]
    key = instance(1, study="1", series=9, uid="1.9.1", modality="KO", frames=0, pixels=(), pointed=(thin[7].uid,))
    kept = {i.uid for i in (*thick, *scout, thin[7])}
    assert gone([*thin, *thick, *scout, key]) == {i.uid for i in thin} - kept


def test_a_rejection_note_makes_no_key_image() -> None:
    thin, thick = stack("1", 1, 0.6, 300), stack("1", 2, 5, 40)
    assert thin[7].uid in gone([*thin, *thick, note(thin[7].uid, uid="1.9.1")])


def test_a_few_thick_slices_of_one_place_stand_for_no_examination() -> None:
    spot, whole = stack("1", 1, 5, 4), stack("1", 2, 2, 150)
    assert chosen_series([*spot, *whole], RULES) == {"1.2"}


def test_each_modality_of_a_study_has_its_series() -> None:
    ct, pet = stack("1", 1, 5, 40), stack("1", 2, 4, 50, modality="PT")
    assert chosen_series([*ct, *pet], RULES) == {"1.1", "1.2"}


def test_mammography_is_kept_only_by_who_keeps_all() -> None:
    one = film("1", 1, "MG")
    assert gone([one], rules=Imaging(keep="rules", days={"MG": 90})) == {one.uid}
    assert gone([one], rules=Imaging()) == set()
    assert RULES.refuses("MG", 1) == NOT_BY_RULE
    assert Imaging().refuses("MG", 1) == ""


def test_all_is_all_until_one_is_too_large() -> None:
    rows = [*stack("1", 1, 0.6, 30, days=900), film("2", 900)]
    assert gone(rows, OUT, Imaging()) == set()
    assert Imaging().refuses("CT", 1024 * 1_000_000 + 1) == TOO_LARGE
    assert Imaging(keep="none").refuses("CT", 1) == NOT_BY_RULE


def test_an_image_of_an_unknown_day_is_kept() -> None:
    assert gone([instance(1, happened=None)], OUT) == set()


def test_what_is_let_go_first_when_the_room_is_used_up() -> None:
    def held(bed: Bed, days: float, size: int, name: str, key: bool = False) -> list[Instance]:
        one = instance(1, study=name, uid=f"{name}.1", happened=ago(days), pixels=(Pixels("0" * 64, size),))
        pointer = instance(1, study=name, uid=f"{name}.2", modality="KO", frames=0, pixels=(), pointed=(one.uid,))
        return [one, pointer] if key else [one]

    names = {}
    staying: list[Held] = []
    for stay, days, size, name, key in (
        (OUT, 50, 10, "old", False), (OUT, 2, 10, "new", False), (OUT, 2, 40, "new and large", False),
        (OUT, 90, 10, "old key", True), (IN_WARD, 90, 10, "of the ward", False), (IN_WARD, 99, 10, "key of the ward", True),
    ):  # fmt: skip
        rows = held(stay, days, size, name, key)
        names[rows[0].id] = name
        staying += judged(rows, stay, Imaging(), NOW).staying
    order = ["old", "new and large", "new", "old key", "of the ward", "key of the ward"]
    assert [names[i] for i in over_budget(staying, 1)] == order
    assert over_budget(staying, 90) == []  # exactly within
    assert [names[i] for i in over_budget(staying, 89)] == order[:1]
    assert [names[i] for i in over_budget(staying, 80)] == order[:2]  # leaves some room


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.booleans(), st.booleans()), max_size=20), st.integers(1, 300))
def test_what_stays_is_within_the_budget_and_nothing_else_goes(rows: list[tuple[int, bool, bool]], budget: int) -> None:
    staying = [Held(str(n), size, (a, b, n, -size, str(n))) for n, (size, a, b) in enumerate(rows)]
    left = [h for h in staying if h.id not in set(over_budget(staying, budget))]
    assert sum(h.size for h in left) <= budget
    if sum(h.size for h in staying) <= budget:
        assert left == staying


def test_a_site_says_which_pixels_it_keeps() -> None:
    made = read_imaging({"keep": "rules", "budget_gb": 5, "days": {"US": 30}})
    assert (made.budget, made.days_of("US"), made.days_of("CR"), made.days_of("CT")) == (5_000_000_000, 30, 90, None)
    profiles = read_profiles({"pacs": {"pixels": {"keep": "none"}}}, "Europe/London", {"keep": "rules"})
    assert (profiles.get("pacs").imaging_rules.keep, profiles.get("ris").imaging_rules.keep) == ("none", "rules")
    assert hash(profiles.get("ris")) == hash(profiles.get("ris"))


@pytest.mark.parametrize(
    "given",
    [{"keep": "some"}, {"budget_gb": 0}, {"days": {"ct": 3}}, {"days": {"CT": -1}}, {"colour": 1}, {"never": ["x y"]}],
)
def test_a_setting_that_is_wrong_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(InputRefused) as refused:
        read_imaging(given)
    assert refused.value.code == "settings.wrong_value"
