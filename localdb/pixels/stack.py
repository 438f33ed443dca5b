"""The pictures of a series in the order in which they lie in the patient, what is missing between them, and which picture
of another series lies at the same place (CLINICAL §4.2, hazards H18 and H19). Pure; no numpy.

Order is by place along the normal of the plane (PS3.3 C.7.6.2.1.1), beginning at the end that the sender numbered first;
by instance number where no place was sent. Pictures of different planes, and those taken of one place at different times
(or echoes, or b-values), are stacks of their own, so that scrolling never jumps between them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median, median_low

import msgspec

from localdb.pixels.facts import Facts
from localdb.pixels.geometry import Vector, axes, dot, letters, normal, opposite, vector
from localdb.records.vocabulary import Instance

# Cosine of one degree: planes nearer than that are one.
_PARALLEL = 0.99985
# Within this many millimetres two pictures lie at one place.
SAME_PLACE = 0.02
# A step of more than this many times the usual one means that slices are missing.
JUMP = 1.5
# Planes that lie within ten degrees are near enough to be scrolled together by place.
_NEAR = 0.985
_FEW = 3
POSITION, PROPORTION = "position", "proportion"


class Plane(msgspec.Struct, frozen=True):
    """One picture: frame `frame` (from 0) of instance `uid`, with its place as sent. `label` tells those of one place
    apart, where the sender said something (a phase, an echo)."""

    uid: str
    frame: int = 0
    number: int | None = None
    position: tuple[str, ...] = ()
    orientation: tuple[str, ...] = ()
    frame_of_reference: str = ""
    label: str = ""


class Gap(msgspec.Struct, frozen=True):
    """Slices are missing between `after` (its index in the stack) and the next: about `missing` of them; `mm` from one to
    the other, None where only the numbers jump."""

    after: int
    missing: int
    mm: float | None = None

    @property
    def words(self) -> str:
        count = "1 slice" if self.missing == 1 else f"{self.missing} slices"
        by = "the numbers jump" if self.mm is None else f"{self.mm:.1f} mm to the next"
        return f"{count} may be missing here ({by})"


class Stack(msgspec.Struct, frozen=True):
    """Pictures of one plane and time, in order. `places` in mm along `axis`, one for each picture; () where they are in
    the order of their numbers. `note` what a person must know of the order, else ""."""

    planes: tuple[Plane, ...]
    places: tuple[float, ...] = ()
    axis: Vector | None = None
    gaps: tuple[Gap, ...] = ()
    note: str = ""

    def gap_before(self, n: int) -> Gap | None:
        """What is missing between picture `n` and the one before it."""
        return next((g for g in self.gaps if g.after == n - 1), None)

    def location(self, n: int) -> str:
        """Where picture `n` lies: "H 105.0 mm", towards the head from the origin of the frame of reference; "" where not
        known."""
        if self.axis is None or not self.places:
            return ""
        said, place = letters(self.axis), self.places[n]
        return f"{said if place >= 0 else opposite(said)} {abs(place):.1f} mm"


class Link(msgspec.Struct, frozen=True):
    """The picture of another stack that goes with one: its index; `by` POSITION or PROPORTION; `words` says how, and how
    far away it is where that is more than half a step."""

    index: int
    by: str
    words: str


def plane_of(one: Instance) -> Plane:
    """The picture of an instance of one frame."""
    return Plane(one.uid, 0, one.number, one.position, one.orientation, one.frame_of_reference)


def planes_of(one: Instance, facts: Facts | None = None) -> list[Plane]:
    """All pictures of an instance: with their own places where its facts are at hand, else only by frame number."""
    if one.frames <= 1:
        return [plane_of(one)]
    if facts is None or not facts.frames:
        return [Plane(one.uid, n, one.number, frame_of_reference=one.frame_of_reference) for n in range(one.frames)]
    made = []
    for n in range(one.frames):
        own = facts.of_frame(n)
        made.append(Plane(one.uid, n, one.number, own.position, own.orientation, one.frame_of_reference, own.text))
    return made


def stack(instances: Iterable[Instance], facts: dict[str, Facts] | None = None) -> tuple[Stack, ...]:
    """The stacks of a series from its instances (those with pictures), with the facts of multi-frame ones by UID."""
    known = facts or {}
    return stacks(p for one in instances if one.is_image for p in planes_of(one, known.get(one.uid)))


def stacks(planes: Iterable[Plane]) -> tuple[Stack, ...]:
    """Planes in their stacks; the one with the first number first. A picture given twice is kept once."""
    unique = list({(p.uid, p.frame): p for p in planes}.values())
    lying: list[tuple[Vector, Vector, list[Plane]]] = []
    loose: list[Plane] = []
    for plane in unique:
        found = axes(plane.orientation) if vector(plane.position) is not None else None
        if found is None:
            loose.append(plane)
            continue
        for row, column, group in lying:
            near = dot(row, found[0]) > _PARALLEL and dot(column, found[1]) > _PARALLEL
            if near and group[0].frame_of_reference == plane.frame_of_reference:
                group.append(plane)
                break
        else:
            lying.append((*found, [plane]))
    note = ""
    if len(lying) > max(4, len(unique) // 3):  # each turned a little from the last: no stack by place
        loose, lying, note = unique, [], "the planes differ: in the order of their numbers"
    made = [s for _, _, group in lying for s in _times(group)]
    made += [_numbered(group, note) for group in _clips(loose)]
    return tuple(sorted(made, key=lambda s: min(_by_number(p) for p in s.planes)))


def _clips(loose: list[Plane]) -> list[list[Plane]]:
    """Pictures without a place: each instance of several frames is one of its own, the others are together."""
    frames = Counter(p.uid for p in loose)
    groups: dict[str, list[Plane]] = {}
    for plane in loose:
        groups.setdefault(plane.uid if frames[plane.uid] > 1 else "", []).append(plane)
    return list(groups.values())


def _by_number(plane: Plane) -> tuple[bool, int, str, int]:
    return (plane.number is None, plane.number or 0, plane.uid, plane.frame)


def _times(group: list[Plane]) -> list[Stack]:
    """One stack of each time at which the places of a plane were pictured."""
    axis = normal(group[0].orientation)
    assert axis is not None
    placed = sorted(((_place(p, axis), p) for p in group), key=lambda one: one[0])
    shelves: list[list[tuple[float, Plane]]] = []
    for place, plane in placed:
        if shelves and place - shelves[-1][0][0] <= SAME_PLACE:
            shelves[-1].append((place, plane))
        else:
            shelves.append([(place, plane)])
    for shelf in shelves:
        shelf.sort(key=lambda one: _by_number(one[1]))
    most = max(map(len, shelves))
    if most == 1:
        return [_lying(placed, axis)]
    if len(shelves) == 1:  # one place again and again: a film
        film = _numbered([p for _, p in shelves[0]], "all of one place")
        return [msgspec.structs.replace(film, places=(placed[0][0],) * most, axis=axis)]
    labels = {p.label for _, p in placed}
    if len(labels) == most and all(len({p.label for _, p in s}) == len(s) for s in shelves):
        return [_lying([one for one in placed if one[1].label == label], axis, label) for label in sorted(labels)]
    if all(len(s) == most for s in shelves):
        return [_lying([s[k] for s in shelves], axis) for k in range(most)]
    return [_lying(t, axis, "several pictures of one place, not of all: times may be mixed") for t in _turns(shelves)]


def _turns(shelves: list[list[tuple[float, Plane]]]) -> list[list[tuple[float, Plane]]]:
    """Some places were pictured more often than others: the k-th picture of a place, by number, is of the k-th time."""
    return [[s[k] for s in shelves if len(s) > k] for k in range(max(map(len, shelves)))]


def _place(plane: Plane, axis: Vector) -> float:
    found = vector(plane.position)
    assert found is not None
    return dot(found, axis)


def _lying(placed: Sequence[tuple[float, Plane]], axis: Vector, note: str = "") -> Stack:
    line = list(placed)
    first, last = _by_number(line[0][1]), _by_number(line[-1][1])
    if last < first:
        line.reverse()
    places = tuple(place for place, _ in line)
    steps = [abs(b - a) for a, b in pairwise(places)]
    usual = median_low(steps) if len(steps) >= 2 else 0.0  # of an even number the smaller: rather a warning too many
    gaps = tuple(
        Gap(n, max(1, round(step / usual) - 1), step)
        for n, step in enumerate(steps)
        if usual > SAME_PLACE and step > JUMP * usual
    )
    return Stack(tuple(p for _, p in line), places, axis, gaps, note)


def _numbered(planes: list[Plane], note: str = "") -> Stack:
    line = sorted(planes, key=_by_number)
    steps = [
        (n, b.number - a.number)
        for n, (a, b) in enumerate(pairwise(line))
        if a.number is not None and b.number is not None and b.number > a.number
    ]
    usual = median(s for _, s in steps) if steps else 1
    gaps = tuple(Gap(n, max(1, round(step / usual) - 1)) for n, step in steps if step > JUMP * usual)
    return Stack(tuple(line), gaps=gaps, note=note)


def numbers_missing(planes: Iterable[Plane]) -> int:
    """How many numbers from 1 to the highest are not there: a hint that pictures at an end are missing, where no source
    counted them. 0 where numbers are missing, jump by more than they count, or are few: single films are often numbered
    on through the whole examination."""
    found = {p.number for p in planes if p.number is not None and p.number > 0}
    missing = max(found, default=0) - len(found)
    return missing if len(found) >= _FEW and 0 < missing <= 4 * len(found) else 0


def linked(here: Stack, n: int, there: Stack) -> Link | None:
    """The picture of `there` that goes with picture `n` of `here` (CLINICAL §4.2: linked scroll by position).

    By place where both lie in one frame of reference and their planes are within ten degrees; by proportion where the
    frames differ or no places were sent; None where the planes cross: nothing goes with it."""
    if not there.planes or not here.planes:
        return None
    if here.axis is not None and there.axis is not None:
        if abs(dot(here.axis, there.axis)) < _NEAR:
            return None
        reference = here.planes[n].frame_of_reference
        if reference and reference == there.planes[0].frame_of_reference:
            return _nearest(here, n, there)
    share = _share(here, n)
    if here.axis is not None and there.axis is not None and _runs_against(here, there):
        share = 1 - share
    index = round(share * (len(there.planes) - 1))
    return Link(index, PROPORTION, "linked by proportion, not by position")


def _nearest(here: Stack, n: int, there: Stack) -> Link:
    assert there.axis is not None
    place = _place(here.planes[n], there.axis)
    index = min(range(len(there.places)), key=lambda k: abs(there.places[k] - place))
    away = abs(there.places[index] - place)
    steps = [abs(b - a) for a, b in pairwise(there.places)]
    near = (median(steps) / 2 if steps else 0.0) + SAME_PLACE
    words = "linked by position" if away <= near else f"linked by position, {away:.1f} mm away"
    return Link(index, POSITION, words)


def _share(here: Stack, n: int) -> float:
    """How far along a stack a picture is, 0 to 1: in millimetres where places are known, so that gaps do not shift it."""
    if here.places and here.places[-1] != here.places[0]:
        return (here.places[n] - here.places[0]) / (here.places[-1] - here.places[0])
    return n / (len(here.planes) - 1) if len(here.planes) > 1 else 0.0


def _runs_against(here: Stack, there: Stack) -> bool:
    """Whether one stack begins at the head where the other begins at the feet."""
    if here.axis is None or there.axis is None or len(here.places) < 2 or len(there.places) < 2:
        return False
    along = (here.places[-1] - here.places[0]) * (there.places[-1] - there.places[0]) * dot(here.axis, there.axis)
    return along < 0
