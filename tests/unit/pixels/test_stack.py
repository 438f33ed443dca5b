"""Order, gaps and links of slices: by hand, and by properties that any right answer has."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdb.pixels.facts import Facts, Frame
from localdb.pixels.stack import POSITION, PROPORTION, Plane, Stack, linked, numbers_missing, planes_of, stacks
from localdb.records.vocabulary import Instance

AXIAL, TILTED, CORONAL = (
    ("1", "0", "0", "0", "1", "0"), ("1", "0", "0", "0", "0.98", "-0.199"), ("1", "0", "0", "0", "0", "-1"),
)  # fmt: skip


def axial(z: float, number: int | None = None, orientation=AXIAL, **more) -> Plane:
    more.setdefault("frame_of_reference", "1.2")
    return Plane(more.pop("uid", f"u{number}-{z}"), 0, number, ("-120", "-120", f"{z:.3f}"), orientation, **more)


def slices(count: int, step: float = 5.0, **more) -> list[Plane]:
    return [axial(n * step, n + 1, **more) for n in range(count)]


def only(planes) -> Stack:
    (one,) = stacks(planes)
    return one


@given(st.integers(2, 30), st.sampled_from((0.5, 5.0)), st.booleans(), st.integers(0, 999))
@settings(max_examples=25)
def test_order_is_by_place_from_the_end_numbered_first(count, step, downwards, seed) -> None:
    planes = [axial(n * step, count - n if downwards else n + 1) for n in range(count)]
    mixed = random.Random(seed).sample(planes, count)
    found = only(mixed)
    assert [p.number for p in found.planes] == list(range(1, count + 1))
    assert not found.gaps and found.places[0] == (pytest.approx((count - 1) * step) if downwards else 0)


def test_places_win_over_numbers() -> None:
    """A sender that numbers by time of arrival: 1, 3, 2."""
    found = only([axial(0, 1), axial(5, 3), axial(10, 2)])
    assert [p.number for p in found.planes] == [1, 3, 2]


@given(st.sets(st.integers(1, 28), min_size=1, max_size=6))
@settings(max_examples=25)
def test_every_slice_taken_out_is_counted(out: set[int]) -> None:
    """Of 30 slices, some inner ones are taken out: the gaps count them, and stand where they were."""
    found = only([p for n, p in enumerate(slices(30)) if n not in out])
    assert sum(g.missing for g in found.gaps) == len(out)
    for gap in found.gaps:
        before = int(found.places[gap.after] / 5)
        assert all(n in out for n in range(before + 1, before + 1 + gap.missing))
        assert found.gap_before(gap.after + 1) == gap
    assert found.gap_before(0) is None


def test_a_jump_of_less_than_half_a_step_is_no_gap() -> None:
    assert not only([axial(z, n) for n, z in enumerate((0, 5, 10, 17.4, 22.4), 1)]).gaps
    (gap,) = only([axial(z, n) for n, z in enumerate((0, 5, 10, 17.6, 22.6), 1)]).gaps
    assert (gap.after, gap.missing, gap.words) == (2, 1, "1 slice may be missing here (7.6 mm to the next)")


def test_of_three_slices_one_jump_is_seen() -> None:
    (gap,) = only([axial(z, n) for z, n in ((5, 1), (10, 2), (25, 5))]).gaps
    assert (gap.after, gap.missing) == (1, 2)


def test_without_places_the_numbers_tell() -> None:
    found = only([Plane(str(n), 0, n) for n in (1, 2, 3, 7, 8, 9)])
    assert [(g.after, g.missing, g.mm) for g in found.gaps] == [(2, 3, None)] and not found.places
    assert found.gaps[0].words == "3 slices may be missing here (the numbers jump)"
    assert found.location(0) == ""
    assert not only([Plane(str(n), 0, n) for n in (1, 3, 5, 7)]).gaps, "a sender that counts by two"
    assert not only([Plane(str(n)) for n in range(4)]).gaps, "no numbers at all"


def test_numbers_that_are_not_there() -> None:
    assert numbers_missing(slices(40)) == 0
    assert numbers_missing([p for p in slices(40) if p.number not in (1, 2, 17)]) == 3
    assert numbers_missing([Plane("a", 0, 10_001), Plane("b", 0, 10_002)]) == 0, "begins elsewhere by habit"
    assert numbers_missing([Plane("a"), Plane("b")]) == 0
    assert numbers_missing([Plane("a", 0, 2), Plane("b", 0, 3)]) == 0, "two films of an examination of three"


def test_locations_are_said_from_the_origin() -> None:
    found = only([axial(-12.5, 1), axial(0, 2), axial(105, 3)])
    assert [found.location(n) for n in range(3)] == ["F 12.5 mm", "H 0.0 mm", "H 105.0 mm"]
    front = only([Plane(str(n), 0, n, ("0", str(y), "0"), CORONAL) for n, y in enumerate((-40, 20))])
    assert [front.location(n) for n in range(2)] == ["A 40.0 mm", "P 20.0 mm"]


def test_planes_and_times_are_apart() -> None:
    scout = [Plane("scout", 0, 1, ("0", "0", "0"), CORONAL, "1.2")]
    thick = [axial(n * 5, n + 2) for n in range(6)]
    later = [axial(n * 5, n + 8) for n in range(6)]
    found = stacks([*later, *scout, *thick])
    assert [[p.number for p in s.planes] for s in found] == [[1], [2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 12, 13]]
    turned_by_time = [axial(n * 5, n * 2 + k, uid=f"{n}.{k}") for n in range(6) for k in range(2)]
    assert [len(s.planes) for s in stacks(turned_by_time)] == [6, 6]
    assert all({int(p.uid[-1]) for p in s.planes} == {k} for k, s in enumerate(stacks(turned_by_time)))


def test_times_by_what_the_sender_calls_them() -> None:
    mixed = [
        axial(n * 5, n * 2 + (k if n % 2 else 1 - k), uid=f"{n}{p}", label=p)
        for n in range(4)
        for k, p in enumerate("AV")
    ]
    found = stacks(mixed)
    assert [{p.label for p in s.planes} for s in found] in ([{"A"}, {"V"}], [{"V"}, {"A"}])
    assert sorted(s.note for s in found) == ["A", "V"]


def test_times_with_slices_missing_say_that_they_may_be_mixed() -> None:
    found = stacks([*slices(6), *(axial(n * 5, n + 7) for n in range(6) if n != 3)])
    assert [len(s.planes) for s in found] == [6, 5]
    assert all("mixed" in s.note for s in found)
    assert len(found[1].gaps) == 1


def test_a_film_of_one_place_is_one_stack() -> None:
    film = [Plane("f", n, 1, ("0", "0", "7"), AXIAL) for n in range(25)]
    found = only(film)
    assert [p.frame for p in found.planes] == list(range(25)) and found.note == "all of one place" and not found.gaps
    assert found.location(24) == "H 7.0 mm"


def test_a_turning_series_is_in_the_order_of_numbers() -> None:
    import math

    planes = [
        Plane(str(n), 0, n, ("0", "0", "0"), (f"{math.cos(n / 6):.6f}", f"{math.sin(n / 6):.6f}", "0", "0", "0", "-1"))
        for n in range(30)
    ]
    found = only(random.Random(1).sample(planes, 30))
    assert [p.number for p in found.planes] == list(range(30)) and "order of their numbers" in found.note


def test_clips_are_apart_and_doubles_are_one() -> None:
    clips = [Plane(uid, n, k) for k, uid in enumerate("ab") for n in range(3)]
    still = [Plane("c", 0, 2), Plane("d", 0, 3), Plane("c", 0, 2)]
    found = stacks([*clips, *still])
    assert [[(p.uid, p.frame) for p in s.planes] for s in found] == [
        [("a", 0), ("a", 1), ("a", 2)], [("b", 0), ("b", 1), ("b", 2)], [("c", 0), ("d", 0)],
    ]  # fmt: skip


@pytest.mark.parametrize("position", [("x", "0", "0"), ("nan", "0", "0"), ("1", "2")])
def test_places_that_are_none_go_by_number(position) -> None:
    found = stacks([*slices(3), Plane("odd", 0, 9, position, AXIAL)])
    assert [len(s.planes) for s in found] == [3, 1]


def test_linked_by_place_in_one_frame_of_reference() -> None:
    thick, thin = only(slices(11)), only([axial(n * 1.25, n + 1) for n in range(41)])
    for n in range(11):
        link = linked(thick, n, thin)
        assert link is not None and link.by == POSITION and thin.places[link.index] == pytest.approx(thick.places[n])
        assert link.words == "linked by position"
    far = linked(only([*slices(11), axial(80, 12)]), 11, thin)
    assert far.words == "linked by position, 30.0 mm away"
    down = only([axial(50 - n * 5, n + 1) for n in range(11)])
    assert linked(thick, 2, down).index == 8, "by place, whichever way it is numbered"


def test_linked_by_proportion_elsewhere() -> None:
    prior = only(slices(21, frame_of_reference="9.9"))
    now = only(slices(11))
    assert [linked(now, n, prior).index for n in (0, 5, 10)] == [0, 10, 20]
    assert linked(now, 5, prior).by == PROPORTION and "not by position" in linked(now, 5, prior).words
    upside = only([axial(100 - n * 5, n + 1, frame_of_reference="9.9") for n in range(21)])
    assert [linked(now, n, upside).index for n in (0, 10)] == [20, 0], (
        "head to head, though numbered from the other end"
    )
    holed = only([p for p in slices(11) if p.number not in (2, 3, 4, 5)])
    assert linked(holed, 1, prior).index == 10, "5 of 10 along, though the second picture"
    loose = only([Plane(str(n), 0, n) for n in range(5)])
    assert linked(now, 10, loose) and linked(now, 10, loose).index == 4


def test_planes_that_cross_are_not_linked() -> None:
    crossing = only([Plane(str(n), 0, n, ("0", str(n), "0"), CORONAL, "1.2") for n in range(5)])
    assert linked(only(slices(5)), 2, crossing) is None
    tilted = only([Plane(str(n), 0, n, ("0", "0", str(n * 5)), TILTED, "1.2") for n in range(5)])
    assert linked(only(slices(5)), 2, tilted) is None, "eleven degrees"


def test_frames_of_one_instance_have_their_own_places() -> None:
    made = Instance(
        id="i", patient="P", source="s", source_id="1", uid="1", study="2", series="3", frames=3, number=4,
        frame_of_reference="7",
    )  # fmt: skip
    frames = tuple(Frame(position=("0", "0", str(5 - 5 * n))) for n in range(3))
    facts = Facts(rows=1, columns=1, common=Frame(orientation=AXIAL), frames=frames)
    found = only(planes_of(made, facts))
    assert [found.location(n) for n in range(3)] == ["H 5.0 mm", "H 0.0 mm", "F 5.0 mm"]
    assert [p.frame for p in only(planes_of(made)).planes] == [0, 1, 2]
