"""How many images of each study are in this copy, and how many there are: counted once, at the cut. Pure (hazard H19).

Rules:
- One Study Instance UID is one study, whoever told of it (a radiology system by FHIR, an archive by DICOM); its series are
  those that any of them named. One SOP Instance UID is one instance, also when two archives sent it.
- `held` counts what can be shown: all frames of an image, the facts of anything else. An instance whose pixels were not
  kept, or let go since, is known and not held.
- `total` is what sources said; of several words the largest, which is said; never less than what came. Nobody said:
  None, "of how many is not known", never a total made of what happens to be here.
- What the department took back by a rejection note (DICOM PS3.16 CID 7011, IHE IOCM) is shown nowhere and counted apart;
  whether a source's total still counts it is not known, and said.
- Instances whose study nobody described make one of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from localdb.records.ids import record_id
from localdb.records.vocabulary import ImagingStudy, Instance, Record, Reference, Series

REJECTED, NOT_RECEIVED = "image.rejected", "image.not_received"
TYPE = "ImagingStudy"  # of the id of a study: (source, TYPE, its id or UID there)
# DICOM PS3.16 CID 7011, what a key object selection is called that takes images back: for quality, for the patient's
# safety, for a wrong entry of the worklist. 113039 (retention is over) says nothing against a picture.
REJECTIONS = {"113001": "quality", "113037": "patient safety", "113038": "wrong worklist entry"}
_REJECTION_WORDS = (
    "rejected for quality reasons", "rejected for patient safety reasons", "incorrect modality worklist entry",
)  # fmt: skip
# Objects about images, rather than images: they do not name how an examination was made.
_ABOUT = frozenset("SR PR KO SEG DOC REG RTSTRUCT RTPLAN RTDOSE RTRECORD ANN RWV FID PLAN AU".split())


def is_rejection(instance: Instance) -> bool:
    """Whether a key object selection takes back what it points to."""
    if instance.modality != "KO":
        return False
    if any(
        c.code in REJECTIONS
        for c in instance.codes
        if c.system in ("DCM", "http://dicom.nema.org/resources/ontology/DCM")
    ):
        return True
    return any(instance.title.casefold().startswith(words) for words in _REJECTION_WORDS)


def without_pixels(instance: Instance, code: str) -> Instance:
    """An instance that is known and not held, for the reason `code` (errors.toml)."""
    return replace(instance, pixels=(), unheld=code)


def bare_uid(uid: str) -> str:
    """A UID without what senders put around it (blanks, the NUL of an odd length, `urn:oid:`)."""
    return uid.strip(" \t\r\n\0").removeprefix("urn:oid:")


def with_images(rows: Iterable[Record]) -> list[Record]:
    """All records of one person with each study once, counted, and each instance once. The order of others is kept."""
    others: list[Record] = []
    studies: list[ImagingStudy] = []
    instances: list[Instance] = []
    for row in rows:
        if isinstance(row, Instance):
            instances.append(row)
        elif isinstance(row, ImagingStudy):
            studies.append(row)
        else:
            others.append(row)
    if not studies and not instances:
        return others
    held = _judged(_once(instances))
    by_study: dict[str, list[Instance]] = {}
    for one in held:
        by_study.setdefault(bare_uid(one.study), []).append(one)
    return [*others, *_studies(studies, by_study), *held]


def _once(instances: Sequence[Instance]) -> list[Instance]:
    """Each SOP Instance UID once: of two the one that is held, else with more of its frames, else told last."""
    found: dict[str, Instance] = {}
    for one in instances:
        uid = bare_uid(one.uid)
        other = found.get(uid)
        found[uid] = one if other is None or _rank(one) > _rank(other) else other
    return list(found.values())


def _rank(one: Instance) -> tuple[bool, int, int, str]:
    return one.is_held, sum(p.count for p in one.pixels), one.said.utc or 0 if one.said else 0, one.id


def _judged(instances: Sequence[Instance]) -> list[Instance]:
    """The instances with those marked that a rejection note took back, unless the note itself was taken back."""
    notes = [i for i in instances if is_rejection(i)]
    if not notes:
        return list(instances)
    undone = {bare_uid(uid) for n in notes for uid in n.pointed}
    gone = {bare_uid(uid) for n in notes if bare_uid(n.uid) not in undone for uid in n.pointed}
    return [
        replace(without_pixels(i, REJECTED), status="rejected") if bare_uid(i.uid) in gone else i for i in instances
    ]


class _Words(msgspec.Struct):
    """What was said of one series."""

    series: Series
    totals: set[int]
    instances: list[Instance]


def _studies(studies: Sequence[ImagingStudy], by_study: Mapping[str, list[Instance]]) -> list[ImagingStudy]:
    groups: dict[str, list[ImagingStudy]] = {}
    nameless: list[ImagingStudy] = []
    for study in studies:
        uid = bare_uid(study.uid)
        if uid:
            groups.setdefault(uid, []).append(study)
        else:
            nameless.append(study)
    for uid in by_study:
        groups.setdefault(uid, [])
    loose: list[ImagingStudy] = []
    for study in nameless:
        uid = _uid_by_accession(study, nameless, groups)
        if uid:
            groups[uid].append(study)
        else:
            loose.append(_counted(study, [study], ()))
    made = []
    for uid, told in groups.items():
        instances = by_study.get(uid, ())
        told = [t for t in told if instances or not _is_empty(t)]
        if told or instances:
            made.append(_counted(_together(uid, told, instances), told, instances))
    return [*made, *loose]


def _is_empty(study: ImagingStudy) -> bool:
    """What is left of a study whose instances all went to another patient: instances alone told of it, none is here."""
    return study.source_id == bare_uid(study.uid) and not study.series and study.total is None


def _uid_by_accession(
    study: ImagingStudy, nameless: Sequence[ImagingStudy], groups: Mapping[str, Sequence[ImagingStudy]]
) -> str:
    """The UID of the one study with the accession number of a study that was sent without its own; "" where several could
    be meant."""
    number = study.accession.strip()
    if not number or sum(s.accession.strip() == number for s in nameless) > 1:
        return ""
    found = [uid for uid, told in groups.items() if any(t.accession.strip() == number and t.uid for t in told)]
    return found[0] if len(found) == 1 else ""


def _together(uid: str, told: Sequence[ImagingStudy], instances: Sequence[Instance]) -> ImagingStudy:
    """One record of all that was said of a study: that of a system which names it by an id of its own comes first, then the
    fullest; what it leaves open, the others fill in."""
    if not told:
        one = min(instances, key=lambda i: i.id)
        return ImagingStudy(
            id=record_id(one.source, TYPE, uid), patient=one.patient, source=one.source, source_id=uid, uid=uid,
            restricted=any(i.restricted for i in instances),
        )  # fmt: skip
    ordered = sorted(told, key=lambda s: (s.source_id == bare_uid(s.uid), -len(s.series), s.id))
    first = ordered[0]
    changes: dict[str, object] = {"uid": uid}
    for name in ("happened", "ended", "said", "status", "codes", "text", "accession", "modality", "author", "comments"):
        value = next((v for s in ordered if (v := getattr(s, name))), None)
        if value is not None and not getattr(first, name):
            changes[name] = value
    also = tuple(Reference("also", f"{s.source}/{TYPE}/{s.source_id}") for s in ordered[1:])
    own = tuple(r for r in first.references if r.role != "also")
    same = tuple(r for s in ordered[1:] if s.source == first.source for r in s.references if r not in own)
    return replace(first, references=(*own, *same, *also), restricted=any(s.restricted for s in told), **changes)


def _counted(study: ImagingStudy, told: Sequence[ImagingStudy], instances: Sequence[Instance]) -> ImagingStudy:
    """The study with its series and its counts."""
    found, unnamed = _words_of(told, instances)
    reasons: Counter[str] = Counter()
    made: list[Series] = []
    for words in found:
        standing = [i for i in words.instances if i.unheld != REJECTED]
        if words.instances and not standing and not words.totals:
            continue  # all of it was taken back, and nobody says that there is more
        reasons.update(i.unheld or NOT_RECEIVED for i in standing if not i.is_held)
        made.append(_series(words, standing))
    known = sum(i.unheld != REJECTED for i in instances)
    totals = {s.total for s in told if s.total is not None}
    total = _total(totals, made, known, unnamed)
    held = sum(s.held for s in made)
    if total is not None and (absent := total - held - sum(reasons.values())) > 0:
        reasons[NOT_RECEIVED] += absent
    series = sorted([*made, *unnamed], key=lambda s: (s.number is None, s.number or 0))  # keeps the order as sent
    rejected = len(instances) - known
    began = min((i.happened for i in instances if i.happened), key=lambda m: m.utc or 0, default=None)
    return replace(
        study,
        series=tuple(series),
        held=held,
        total=total,
        unheld=tuple(sorted(reasons.items())),
        rejected=rejected,
        notes=_notes(totals, [w.totals for w in found], rejected),
        modality=_modality(study, series) or study.modality,
        happened=study.happened or began,
        text=study.text or _name(series),
    )


def _words_of(told: Sequence[ImagingStudy], instances: Sequence[Instance]) -> tuple[list[_Words], list[Series]]:
    """Each series with all that was said of it, in the order as sent; and those that were sent without a UID."""
    found: dict[str, _Words] = {}
    unnamed: list[Series] = []
    for study in told:
        for series in study.series:
            uid = bare_uid(series.uid)
            if not uid:
                unnamed.append(series)
                continue
            words = found.setdefault(uid, _Words(series, set(), []))
            words.series = _filled(words.series, series)
            if series.total is not None:
                words.totals.add(series.total)
    for instance in instances:
        uid = bare_uid(instance.series)
        found.setdefault(uid, _Words(Series(uid=uid), set(), [])).instances.append(instance)
    return list(found.values()), unnamed


def _total(totals: Collection[int], made: Sequence[Series], known: int, unnamed: Sequence[Series]) -> int | None:
    """How many there are: of the study as sources said, or of its series where each was counted; None: nobody said."""
    if unnamed:  # they may be the series that came, so they are not added to them
        return max(*totals, known, 0) if totals else None
    # Of a series that nobody counted at least what came is there.
    parts = sum(s.total if s.total is not None else s.held for s in made)
    if totals:
        return max(*totals, parts, known)
    return max(parts, known) if made and all(s.total is not None for s in made) else None


def _series(words: _Words, standing: Sequence[Instance]) -> Series:
    series = words.series
    for one in standing:
        series = _filled(series, Series(
            modality=one.modality, text=one.series_text, body_site=one.body_site, number=one.series_number))  # fmt: skip
    sides = {i.laterality for i in standing if i.laterality}
    if not series.laterality and len(sides) == 1:
        series = replace(series, laterality=sides.pop())
    total = max(*words.totals, len(standing), 0) if words.totals else None
    return replace(series, held=sum(i.is_held for i in standing), total=total)


def _filled(one: Series, other: Series) -> Series:
    """The series with what it leaves open from another word about it."""
    if one.modality and one.text and one.body_site and one.number is not None:
        return one
    return replace(
        one, modality=one.modality or other.modality, text=one.text or other.text,
        body_site=one.body_site or other.body_site, laterality=one.laterality or other.laterality,
        number=one.number if one.number is not None else other.number,
    )  # fmt: skip


def _modality(study: ImagingStudy, series: Sequence[Series]) -> str:
    """How it was made: as a system said that names the study by an id of its own, else as its series say."""
    if study.modality and study.source_id != bare_uid(study.uid):
        return study.modality
    said = list(dict.fromkeys(s.modality for s in series if s.modality))
    return ", ".join([m for m in said if m not in _ABOUT] or said)


def _name(series: Sequence[Series]) -> str:
    """What an examination without a name is called: how it was made, and of what."""
    made = [m for m in dict.fromkeys(s.modality for s in series) if m and m not in _ABOUT]
    sites = [b for b in dict.fromkeys(s.body_site for s in series) if b]
    return " ".join([", ".join(made), ", ".join(sites)]).strip()


def _notes(totals: Collection[int], parts: Iterable[Collection[int]], rejected: int) -> tuple[str, ...]:
    notes = []
    differing = [sorted(t) for t in (totals, *parts) if len(t) > 1]
    if differing:
        words = "; ".join(" or ".join(map(str, t)) for t in differing)
        notes.append(f"Systems differ on how many images there are ({words}): the larger number stands.")
    if rejected:
        count = f"{rejected} image{'s were' if rejected != 1 else ' was'}"
        notes.append(f"{count} taken back by the department: not shown. The total may still count what was taken back.")
    return tuple(notes)
