"""The pictures of a study in words: order, key images first, what is missing, priors, presets (CLINICAL §4.1-§4.3, H19)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from localdb.chart.images import (
    ANNOTATED,
    KEY_OBJECT,
    KEY_SERIES,
    annotation_words,
    counterpart,
    first_index,
    first_row,
    is_of,
    missing_words,
    presets_of,
    prior_is_left,
    priors,
    rows_of,
)
from localdb.chart.reports import Examination
from localdb.errors import InputRefused
from localdb.pixels.presets import TYPICAL
from localdb.records.vocabulary import ImagingStudy, Instance
from localdb.sources.feed.settings import read_imaging
from tests.unit.chart.imaging import STUDY, instance, told, unheld
from tests.unit.desktop.patient.builders import at, chart, patient_view


def study(*instances: Instance, total: int | None = None) -> ImagingStudy:
    from localdb.records.vocabulary import Series

    uids = dict.fromkeys(i.series for i in instances)
    made = [
        Series(uid=u, number=n + 1, modality="CT", held=sum(i.is_held for i in instances if i.series == u), total=total)
        for n, u in enumerate(uids)
    ]
    return told(series=made)


def test_slices_stand_by_place_whatever_order_they_came_in() -> None:
    came = [instance(n) for n in (3, 1, 4, 2)]
    (row,) = rows_of(study(*came), came)
    assert [s.instance.number for s in row.slides] == [1, 2, 3, 4]
    assert row.location(0) == "H 5.0 mm" and row.gaps == 0 and missing_words(row) == ()


def test_missing_slices_are_said_where_they_miss_and_in_all() -> None:
    came = [instance(n) for n in (1, 2, 3, 7, 8)]
    (row,) = rows_of(study(*came, total=8), came)
    assert [s.gap.missing if s.gap else 0 for s in row.slides] == [0, 0, 0, 3, 0]
    assert missing_words(row, 3) == ("3 slices may be missing before this one (20.0 mm)", "3 of 8 never came")
    assert missing_words(row, 2) == ("3 of 8 never came", "Slices may be missing in 1 place")
    assert row.unlisted == 3


def test_without_a_count_the_numbers_hint_at_what_is_missing() -> None:
    came = [instance(n) for n in (1, 2, 5)]
    (row,) = rows_of(study(*came), came)
    assert row.total is None and any("By their numbers 2 may be missing" in w for w in missing_words(row))


def test_what_is_known_and_not_held_keeps_its_place_and_its_reason() -> None:
    came = [instance(1), unheld(2), instance(3)]
    (row,) = rows_of(study(*came, total=3), came)
    assert [s.is_held for s in row.slides] == [True, False, True]
    assert row.slides[1].why == "image.let_go" and row.gaps == 0
    assert missing_words(row) == ("1 known, not held",) and row.unlisted == 0


def test_what_the_department_took_back_is_in_no_series() -> None:
    came = [instance(1), unheld(2, "image.rejected")]
    (row,) = rows_of(study(*came), came)
    assert [s.instance.number for s in row.slides] == [1]


def test_key_images_come_first_and_are_marked_in_their_series() -> None:
    key = instance(1, series=9, uid=f"{STUDY}.9.1", modality="KO", sop_class=KEY_OBJECT, frames=0, pixels=(),
                   pointed=(f"{STUDY}.1.2",))  # fmt: skip
    came = [instance(1), instance(2), key]
    rows = rows_of(study(*came[:2]), came)
    assert [r.uid for r in rows] == [KEY_SERIES, f"{STUDY}.1"]
    assert [s.instance.number for s in rows[0].slides] == [2] and first_row(rows) == 0
    assert [s.is_key for s in rows[1].slides] == [False, True]


def test_a_series_that_only_a_source_counts_stands_at_the_end() -> None:
    from localdb.records.vocabulary import Series

    came = [instance(1)]
    both = told(series=(Series(uid="x", number=1, total=40), Series(uid=f"{STUDY}.1", number=2, total=1, held=1)))
    rows = rows_of(both, came)
    assert [(r.uid, len(r.slides), r.unlisted) for r in rows] == [(f"{STUDY}.1", 1, 0), ("x", 0, 40)]


def test_frames_of_one_instance_are_pictures_of_their_own() -> None:
    from localdb.records.vocabulary import Pixels

    film = instance(1, modality="US", frames=5, pixels=(Pixels("a" * 64, 10, 0, 3),), position=(), orientation=())
    (row,) = rows_of(study(film), [film])
    assert [(s.frame, s.is_held) for s in row.slides] == [(0, True), (1, True), (2, True), (3, False), (4, False)]


def test_a_header_that_counts_millions_of_frames_is_bounded_and_said() -> None:
    film = instance(1, frames=2**31, position=(), orientation=())
    (row,) = rows_of(study(film), [film])
    assert len(row.slides) == 20_000 and row.cut_off
    assert "Only the first 20000 frames are shown" in missing_words(row)


def test_a_stack_opens_in_its_middle_and_an_x_ray_at_its_first() -> None:
    came = [instance(n) for n in range(1, 12)]
    (row,) = rows_of(study(*came), came)
    assert row.slides[first_index(row)].instance.number == 6
    plain = [instance(n, modality="CR", position=(), orientation=()) for n in (1, 2)]
    (row,) = rows_of(study(*plain), plain)
    assert first_index(row) == 0


def test_annotations_are_said_of_the_picture_that_they_are_about() -> None:
    state = instance(1, series=9, uid="p", modality="PR", sop_class="1.2.840.10008.5.1.4.1.1.11.1", frames=0, pixels=(),
                     pointed=(f"{STUDY}.1.2",), title="Arrows")  # fmt: skip
    assert annotation_words([state], f"{STUDY}.1.2") == f"{ANNOTATED}: Arrows"
    assert annotation_words([state], f"{STUDY}.1.1") == ""
    assert annotation_words([replace(state, pointed=(), title="")], f"{STUDY}.1.1") == ANNOTATED


def examined(uid: str, when: str, text: str, *, held: int = 1, modality: str = "CT") -> Examination:
    return Examination(study=told(uid, source_id=uid, text=text, held=held, modality=modality, happened=at(when)))


def test_the_likeliest_prior_stands_first_and_only_what_is_held_counts() -> None:
    now = examined("1", "2026-11-23T10:00", "CT chest")
    same, other, later = (
        examined("2", "2026-11-01T10:00", "CT chest"), examined("3", "2026-11-20T10:00", "Chest X-ray", modality="CR"),
        examined("4", "2026-11-24T10:00", "CT chest"),
    )  # fmt: skip
    empty = examined("5", "2026-11-22T10:00", "CT chest", held=0)
    assert priors(now, (later, other, empty, now, same)) == (same, other, later)


def test_the_series_of_the_prior_is_the_one_of_the_same_name() -> None:
    here = [instance(1, series=1, series_text="Lung"), instance(2, series=2, series_text="Soft")]
    there = [instance(1, series=5, series_text="Scout"), instance(2, series=6, series_text="soft")]
    rows, others = rows_of(study(*here), here), rows_of(study(*there), there)
    assert others[counterpart(others, rows[1])].text == "soft"


def test_a_study_of_another_patient_is_not_of_this_chart() -> None:
    mine = told(series=())
    assert is_of(mine, chart(patient_view(0)))
    assert not is_of(replace(mine, patient="P0000000000009"), chart(patient_view(0)))


@given(
    st.dictionaries(st.integers(1, 40), st.sampled_from(("", "image.let_go", "image.rejected")), min_size=1),
    st.none() | st.integers(0, 60),
)
@settings(max_examples=60, deadline=None)
def test_every_picture_has_one_place_and_the_rest_is_counted(known: dict[int, str], total: int | None) -> None:
    """H19: pictures shown + known and not held + never came = what the source counts, however they came."""
    came = [unheld(n, why) if why else instance(n) for n, why in known.items()]
    standing = [i for i in came if i.unheld != "image.rejected"]
    counted = max(total, len(standing)) if total is not None else None
    rows = rows_of(study(*standing, total=counted), came)
    slides = [s for row in rows for s in row.slides]
    assert sorted(s.instance.uid for s in slides) == sorted(i.uid for i in standing)
    if standing and counted is not None:
        held = sum(s.is_held for s in slides)
        assert held + sum(row.unheld for row in rows) + sum(row.unlisted for row in rows) == counted
        assert bool(any(missing_words(row) for row in rows)) or held == counted


def test_presets_are_for_ct_and_a_site_may_give_its_own() -> None:
    found, whose = presets_of({}, "CT")
    assert found == TYPICAL and whose == "typical"
    brain = next(p for p in found if p.name == "Brain")
    assert (brain.level - brain.width / 2, brain.level + brain.width / 2) == (0, 80)  # CLINICAL §4.3: brain 0..80
    assert presets_of({}, "MR") == ((), "") and presets_of({}, "CR") == ((), "")
    own = {"imaging": {"presets": [{"name": "Our lung", "width": 1600, "level": -600}], "prior": "left"}}
    assert read_imaging(own["imaging"]) == read_imaging(
        {}
    )  # a site may say so, and the rules of what is kept are the same
    assert prior_is_left(own) and not prior_is_left({})
    found, whose = presets_of(own, "CT")
    assert [p.name for p in found] == ["Our lung"] and whose == "of this site"


@pytest.mark.parametrize(
    "said",
    [
        {"presets": [{"name": "bad", "width": "x", "level": 1}]},
        {"presets": [{"name": "none", "width": 0, "level": 1}]},
        {"presets": [{"name": " ", "width": 5, "level": 1}]},
        {"presets": [{"name": "far too long a name for a button", "width": 5, "level": 1}]},
        {"presets": "Lung"},
        {"prior": "above"},
    ],
)
def test_a_preset_that_cannot_be_one_is_refused_when_the_settings_are_taken(said: dict[str, Any]) -> None:
    with pytest.raises(InputRefused) as refused:
        read_imaging(said)
    assert refused.value.code == "settings.wrong_value"
