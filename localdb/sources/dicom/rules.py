"""Which pixels are kept, and which are let go (issue 8; CLINICAL §4.3 end; DESIGN §1.1). Pure; now is passed in.

Rules: facts, reports and key images' pointers are kept of everything; only pixels are chosen. `keep = "all"` (default)
keeps what comes until the disk budget is reached. `keep = "rules"`: CR and DX for 90 days; other examinations of the
present stay; of a stack (CT, MR, PET) the key images and one thick series; and of each examination that is kept one
prior of the same modality and body part. When the budget is reached, pixels are let go in this order: of those who are
no in-patients, of what is no key image, of what is old, of what is large. An instance let go stays known, with its code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, Literal

import msgspec

from localdb.chart.held_images import bare_uid, is_rejection
from localdb.pixels.presets import Preset
from localdb.records.moments import micros
from localdb.records.vocabulary import Instance

NOT_BY_RULE, LET_GO, TOO_LARGE = "image.not_by_rule", "image.let_go", "image.too_large"
# Days for which pixels are kept, whoever lies in a bed (CLINICAL §4.3); any other modality belongs to a stay.
DAYS = {"CR": 90, "DX": 90, "DR": 90}
STACKS = frozenset({"CT", "MR", "PT", "NM"})
THICK_MM = 5.0  # what a reading series of a trunk is usually cut into; of several series the nearest to it is kept
LOWER = 0.95  # a budget that is reached is left with some room, so that not every image that comes makes another pass
Days = Annotated[int, msgspec.Meta(ge=0, le=36_500)]


class Imaging(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """`[imaging]` of site.toml (and `[sources.NAME.pixels]` for one source alone).

    `keep` all / rules / none; `budget_gb` of the disk for pixels (10^9 bytes); `largest_mb` decoded size of one instance
    that is held at most (10^6 bytes). With `keep = "rules"`: `days` modality -> days beside or instead of DAYS; `series`
    how many series of a stack; `most_slices` a longer series is not chosen while there is another; `priors` how many of
    the same modality and body part; `before_days` how long before admission an examination still belongs to the stay,
    and how long one of somebody who is no in-patient is kept; `never` modalities of which no pixels are kept
    (mammography is not read here, CLINICAL §4.2).
    """

    keep: Literal["all", "rules", "none"] = "all"
    budget_gb: Annotated[float, msgspec.Meta(gt=0, le=100_000)] = 20.0
    largest_mb: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1024
    days: dict[str, Days] = {}
    series: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    most_slices: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 400
    priors: Annotated[int, msgspec.Meta(ge=0, le=100)] = 1
    before_days: Days = 2
    never: tuple[str, ...] = ("MG",)

    def __hash__(self) -> int:
        """Profiles are keys of caches, and `days` is a dictionary: it counts in equality alone."""
        return hash((self.keep, self.budget_gb, self.largest_mb, self.series, self.priors, self.never))

    @property
    def budget(self) -> int:
        """Bytes."""
        return int(self.budget_gb * 1_000_000_000)

    def days_of(self, modality: str) -> int | None:
        """Days for which the pixels of a modality are kept; None where they belong to a stay."""
        return self.days.get(modality, DAYS.get(modality))

    def refuses(self, modality: str, size: int) -> str:
        """Why the pixels of an instance are not kept at all, "" where they are; `size` its decoded bytes. What else the
        rules want is known only beside all that came, so it is decided later (`judged`)."""
        if size > self.largest_mb * 1_000_000:
            return TOO_LARGE
        if self.keep == "none" or (self.keep == "rules" and modality in self.never):
            return NOT_BY_RULE
        return ""


class SiteImaging(Imaging, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The whole of `[imaging]`: also `presets`, CT windows in place of the typical ones, and the side of the `prior`."""

    presets: Annotated[tuple[Preset, ...], msgspec.Meta(max_length=24)] = ()
    prior: Literal["left", "right"] = "right"

    __hash__ = Imaging.__hash__


class Bed(msgspec.Struct, frozen=True):
    """Of the person whose images they are: whether they lie in a ward, and since when (microseconds UTC; None: not
    known)."""

    is_inpatient: bool = False
    since: int | None = None


class Held(msgspec.Struct, frozen=True):
    """One instance whose pixels are here: `size` bytes, and `rank`: what is let go first has the smallest."""

    id: str
    size: int
    rank: tuple[bool, bool, int, int, str]


class Judged(msgspec.Struct, frozen=True):
    """What becomes of one person's images: record id -> code of what is let go by the rules, and what stays."""

    let_go: dict[str, str]
    staying: tuple[Held, ...]


class _Study:
    """One study as the rules see it."""

    def __init__(self, instances: Sequence[Instance]) -> None:
        self.images = [i for i in instances if i.is_image]
        self.modalities = {i.modality for i in self.images}
        self.sites = {i.body_site.casefold() for i in instances if i.body_site}
        times = [i.happened.utc for i in self.images or instances if i.happened and i.happened.utc is not None]
        self.at = max(times, default=None)  # of doubtful dates the one that keeps it longer

    def is_like(self, other: _Study) -> bool:
        """Same modality and body part; a part that was not sent is not known to differ."""
        same = not self.sites or not other.sites or bool(self.sites & other.sites)
        return bool(self.modalities & other.modalities) and same


def judged(instances: Iterable[Instance], bed: Bed, rules: Imaging, now: datetime) -> Judged:
    """What the rules let go of one person's images (each instance that has pixels here), and in which order the rest."""
    every = list(instances)
    keys = {bare_uid(uid) for i in every if i.pointed and not is_rejection(i) for uid in i.pointed}
    by_study: dict[str, list[Instance]] = {}
    for one in every:
        by_study.setdefault(bare_uid(one.study), []).append(one)
    studies = {uid: _Study(some) for uid, some in by_study.items()}
    wanted = _wanted(studies, bed, rules, now)
    let_go: dict[str, str] = {}
    staying: list[Held] = []
    for uid, study in studies.items():
        chosen = chosen_series(study.images, rules) if uid in wanted else frozenset()
        for one in study.images:
            if not one.pixels:
                continue
            is_key = bare_uid(one.uid) in keys
            is_wanted = rules.keep == "all" or uid in wanted and (is_key or bare_uid(one.series) in chosen)
            if rules.refuses(one.modality, 0) or not is_wanted:
                let_go[one.id] = NOT_BY_RULE
                continue
            size = sum(p.size for p in one.pixels)
            at = study.at if study.at is not None else 2**62  # of unknown age: the last to go
            staying.append(Held(one.id, size, (bed.is_inpatient, is_key, at, -size, one.id)))
    return Judged(let_go, tuple(staying))


def _wanted(studies: dict[str, _Study], bed: Bed, rules: Imaging, now: datetime) -> set[str]:
    """The studies of which the rules keep pixels: the current ones, then their priors."""
    current = {uid for uid, study in studies.items() if is_current(study.modalities, study.at, bed, rules, now)}
    found = set(current)
    for uid in sorted(current):
        one = studies[uid]
        before = sorted(
            (
                (other.at, name)
                for name, other in studies.items()
                if name not in current and other.at is not None and one.at is not None
                if other.at < one.at and one.is_like(other)
            ),
            reverse=True,
        )
        found |= {name for _, name in before[: rules.priors]}
    return found


def is_current(modalities: Iterable[str], at: int | None, bed: Bed, rules: Imaging, now: datetime) -> bool:
    """Whether an examination is within the days of its modality, or belongs to the present stay. `at` microseconds UTC;
    of an unknown day it is taken to be."""
    if at is None:
        return True
    days = [rules.days_of(m) for m in modalities]
    longest = max((d for d in days if d is not None), default=None)
    if longest is not None and at >= micros(now - timedelta(days=longest)):
        return True
    if None not in days and days:
        return False
    span = timedelta(days=rules.before_days)
    if bed.is_inpatient:
        return bed.since is None or at >= bed.since - span // timedelta(microseconds=1)
    return at >= micros(now - span)


def chosen_series(images: Sequence[Instance], rules: Imaging) -> frozenset[str]:
    """Series Instance UIDs of one study whose pixels the rules keep whole: all of those that are no stacks, and of the
    stacks (more than two images of CT, MR, PET, NM) those that are cut nearest to THICK_MM and cover most."""
    series: dict[str, list[Instance]] = {}
    for one in images:
        series.setdefault(bare_uid(one.series), []).append(one)
    stacks = {uid: some for uid, some in series.items() if _is_stack(some)}
    plain = series.keys() - stacks.keys()
    extents = {uid: _extent(some) for uid, some in stacks.items()}
    of_modality: dict[str, list[str]] = {}
    for uid, some in stacks.items():
        of_modality.setdefault(some[0].modality, []).append(uid)
    chosen = {uid for uids in of_modality.values() for uid in _thickest(uids, stacks, extents, rules)}
    # A localiser is small and shows where slices lie; a plain series beside stacks is kept whatever it is.
    return frozenset({*plain, *chosen})


def _thickest(
    uids: Sequence[str],
    stacks: Mapping[str, Sequence[Instance]],
    extents: Mapping[str, tuple[float, float]],
    rules: Imaging,
) -> list[str]:
    """Of the stacks of one modality those that are kept."""
    most = max(extents[uid][1] for uid in uids)

    def rank(uid: str) -> tuple[bool, bool, bool, float, int, str]:
        gap, length = extents[uid]
        some = stacks[uid]
        return (
            len(some) > rules.most_slices,
            length < most / 2,  # a few slices of one place stand for no examination
            not all("ORIGINAL" in i.image_type[:1] for i in some),
            abs(gap - THICK_MM) if gap else THICK_MM,
            len(some),
            uid,
        )

    return sorted(uids, key=rank)[: rules.series]


def _is_stack(some: Sequence[Instance]) -> bool:
    return len(some) > 2 and some[0].modality in STACKS and not any("LOCALIZER" in i.image_type for i in some)


def _extent(some: Sequence[Instance]) -> tuple[float, float]:
    """(usual distance between slices, length covered) in millimetres along the axis that they move on most; 0, 0 where
    positions were not sent. Only to choose by, never shown."""
    try:
        places = [tuple(float(v) for v in i.position) for i in some if len(i.position) == 3]
    except ValueError:
        return 0.0, 0.0
    if len(places) < 2:
        return 0.0, 0.0
    axis = max(range(3), key=lambda n: max(p[n] for p in places) - min(p[n] for p in places))
    along = sorted({p[axis] for p in places})
    gaps = sorted(b - a for a, b in pairwise(along))
    return (gaps[len(gaps) // 2], along[-1] - along[0]) if gaps else (0.0, 0.0)


def over_budget(staying: Iterable[Held], budget: int) -> list[str]:
    """Record ids of what is let go so that the rest lies within the budget (bytes): none while it does."""
    ranked = sorted(staying, key=lambda h: h.rank)
    total = sum(h.size for h in ranked)
    if total <= budget:
        return []
    gone: list[str] = []
    for one in ranked:
        if total <= budget * LOWER:
            break
        total -= one.size
        gone.append(one.id)
    return gone
