"""One record out of facts: whatever order they come in, and whatever is no longer kept, the same record."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from localdb.records.folding import Telling, fold, history, telling_still
from localdb.records.vocabulary import Patient, Result, Stay

PATIENT = "P0000000000000"


def told(kind: str, order: int, *, partial: bool = False, cleared: tuple[str, ...] = (), tie: int = 0, arrival: int = 0,
         **fields: Any) -> Telling:  # fmt: skip
    naming = {"kind": kind, "id": "R1", "patient": PATIENT, "source": "s", "source_id": "1"}
    return Telling(msgspec.json.encode({**naming, **fields}), order, tie, arrival, partial, cleared)


_WORDS = st.sampled_from(["", "a", "b", "c"])


@st.composite
def stays(draw: st.DrawFn) -> list[Telling]:
    """Partial and whole facts of a stay at different times."""
    orders = draw(st.lists(st.integers(0, 50), min_size=1, max_size=9, unique=True))
    made = []
    for n, order in enumerate(orders):
        fields = {k: v for k in ("ward", "bed", "status", "reason") if (v := draw(_WORDS))}
        cleared = tuple(draw(st.sets(st.sampled_from(["ward", "bed", "reason"]), max_size=2)) - fields.keys())
        made.append(told("stay", order, partial=draw(st.booleans()), cleared=cleared, arrival=n, **fields))
    return made


@st.composite
def results(draw: st.DrawFn) -> list[Telling]:
    orders = draw(st.lists(st.integers(0, 50), min_size=1, max_size=9, unique=True))
    return [told("result", o, arrival=n, value=draw(st.sampled_from("123"))) for n, o in enumerate(orders)]


def field_by_field(tellings: list[Telling]) -> dict[str, str]:
    """What must stand, reckoned the plain way: the last word on each field since the last whole fact."""
    state: dict[str, str] = {}
    for t in sorted(tellings, key=lambda t: t.order):
        said = {k: v for k, v in msgspec.json.decode(t.body).items() if k in ("ward", "bed", "status", "reason")}
        if not t.partial:
            state = {}
        else:
            state = {k: v for k, v in state.items() if k not in t.cleared}
        state |= said
    return state


@given(stays(), st.randoms(use_true_random=False))
def test_each_field_is_the_last_word_on_it(tellings: list[Telling], rng: random.Random) -> None:
    shuffled = list(tellings)
    rng.shuffle(shuffled)
    made = fold(shuffled, PATIENT)
    assert isinstance(made, Stay)
    assert {k: v for k in ("ward", "bed", "status", "reason") if (v := getattr(made, k))} == field_by_field(tellings)


@given(st.one_of(stays(), results()), st.randoms(use_true_random=False))
def test_what_is_kept_of_facts_as_they_arrive_makes_the_same_record(
    tellings: list[Telling], rng: random.Random
) -> None:  # fmt: skip
    """The store keeps only what can still make a difference; it must not, in any order of arrival."""
    kind = msgspec.json.decode(tellings[0].body)["kind"]
    kept: list[Telling] = []
    shuffled = list(tellings)
    rng.shuffle(shuffled)
    for one in shuffled:
        kept = telling_still(kind, [*kept, one])
        assert [t.place for t in kept] == sorted(t.place for t in kept)
    assert fold(kept, PATIENT) == fold(tellings, PATIENT)
    assert history(kept) == history(tellings) or kind == "stay"


@given(results())
def test_history_is_each_former_content_once_in_the_order_of_first_telling(tellings: list[Telling]) -> None:
    present = max(tellings, key=lambda t: t.order).body
    first = {body: min(t.order for t in tellings if t.body == body) for body in {t.body for t in tellings} - {present}}
    found = history(tellings)
    assert set(found) == first.keys()
    assert all(first[a] < first[b] for a, b in pairwise(found))


def test_what_was_not_said_stays_and_what_was_deleted_goes() -> None:
    admitted = told("stay", 1, partial=True, ward="ASH", bed="3", status="in-progress", ended={"text": "x"})
    moved = told("stay", 2, partial=True, ward="BIRCH")
    back = told("stay", 3, partial=True, cleared=("ended",), status="in-progress")
    made = fold([back, moved, admitted], PATIENT)
    assert isinstance(made, Stay)
    assert (made.ward, made.bed, made.status, made.ended) == ("BIRCH", "3", "in-progress", None)


def test_class_is_cleared_by_its_name_in_python_too() -> None:
    told_ = [told("stay", 1, partial=True, **{"class": "IMP"}), told("stay", 2, partial=True, cleared=("class_",))]
    made = fold(told_, PATIENT)
    assert isinstance(made, Stay) and made.class_ == ""


def test_at_one_time_tie_decides_then_arrival() -> None:
    final, withdrawn = told("result", 5, tie=2, arrival=9, value="1"), told("result", 5, tie=4, arrival=1, status="W")
    made = fold([withdrawn, final], PATIENT)
    assert isinstance(made, Result) and (made.status, made.value) == ("W", None)
    later = told("result", 5, tie=4, arrival=2, status="D")
    made = fold([later, withdrawn], PATIENT)
    assert isinstance(made, Result) and made.status == "D"


def test_the_record_is_that_of_the_patient_with_whom_it_stands() -> None:
    made = fold([told("result", 1, value="1")], "P1111111111111")
    assert made is not None and (made.patient, made.id) == ("P1111111111111", "R1")


def test_an_identity_told_far_below_makes_the_patient_exist_and_never_replaces_adt() -> None:
    adt = told("patient", 1000, partial=True, gender="female", address="1 Mill Lane")
    lab = told("patient", 2000 - 10**17, partial=True, gender="male", languages=["Welsh"])
    made = fold([lab, adt], PATIENT)
    assert isinstance(made, Patient)
    assert (made.gender, made.address, made.languages) == ("female", "1 Mill Lane", ("Welsh",))


def test_no_facts_no_record() -> None:
    assert fold([], PATIENT) is None and history([]) == []
