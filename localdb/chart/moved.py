"""Images that two people moved to whose they are, as the charts of both tell it (entry kind `image_move`). Pure.

Rules (issue 8, DESIGN D2, D6; hazards H01, H02):
- Nothing in the copy changes. In the chart that the images came from they are a line, "moved to …", without pictures; in
  the chart of whose they are they stand marked with who moved them, when and why. A whole study takes the reports along
  that are of that one examination (`reports.one_examination`); requests stay where they were made.
- A move holds from the patient that it names, and only while images stand there: moves are never chained.
- Where a source has the same study (Study Instance UID) under the right patient too, it is shown once, as the source has
  it, and the move is `confirmed`; what of it the source has not sent again is shown with it.
- Where a source has it under somebody else (`elsewhere`), or two laptops moved it to two people (`clash`), its pictures
  are shown by none of the moves until a person decides: undo the move, or uphold it by a correction, again by two.
- A move between patients who have since become one person moves nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from localdb.chart.held_images import with_images
from localdb.chart.reports import one_examination
from localdb.chart.views import Entry, Identity, MovedImages, PatientView
from localdb.chart.wording import clean, date_time, display_name, instant_text, nhs_number
from localdb.records.moments import read_moment
from localdb.records.vocabulary import ImagingStudy, Instance, Record, Report, Series

IMAGE_MOVE = "image_move"
HERE, AWAY = "here", "away"
MOVED, CONFIRMED, ELSEWHERE, CLASH, GONE = "moved", "confirmed", "elsewhere", "clash", "gone"
SHOWN = frozenset({MOVED, CONFIRMED})
_ABOUT = frozenset({"evaluation", "comparison"})  # entries that follow the images


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A move that stands: `origin` and `target` the ids of both persons as they were shown; `series` () = the study."""

    entry: Entry
    study: str
    origin: frozenset[str]
    target: frozenset[str]
    series: tuple[str, ...] = ()
    upheld: frozenset[str] = frozenset()
    shown: Identity | None = None

    def overlaps(self, study: str, series: Collection[str]) -> bool:
        """Whether it is about any of these images (no series: all of the study)."""
        return study == self.study and (not series or not self.series or not set(series).isdisjoint(self.series))


def standing(entries: Iterable[Entry]) -> tuple[Move, ...]:
    """The moves that are neither corrected nor undone, oldest first. An entry that does not read as one moves nothing."""
    found = []
    for entry in sorted(entries, key=lambda e: (e.written.utc or 0, e.device, e.sequence)):
        body = entry.body
        if entry.kind != IMAGE_MOVE or entry.corrected_by is not None or body.get("undone") or entry.identity is None:
            continue
        shown = msgspec.convert(body["shown"], Identity) if body.get("shown") else None
        found.append(Move(
            entry=entry, study=str(body["study"]), series=tuple(body.get("series") or ()),
            origin=frozenset((str(body["from"]), *(shown.ids if shown else ()))),
            target=frozenset((entry.identity.patient, *entry.identity.ids)),
            upheld=frozenset(body.get("upheld") or ()), shown=shown,
        ))  # fmt: skip
    return tuple(found)


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What must be known beside a person's own records: `origins` entry id -> records, instances and entries of whom the
    images of that move came from; `holders` study -> the ids of each person under whom the copy has it; `own` study ->
    the instances of that study that a source gave this person."""

    moves: tuple[Move, ...] = ()
    origins: Mapping[str, Origin] = {}
    holders: Mapping[str, tuple[frozenset[str], ...]] = {}
    own: Mapping[str, tuple[Instance, ...]] = {}


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """See `Surroundings`."""

    records: tuple[Record, ...] = ()
    instances: tuple[Instance, ...] = ()
    entries: tuple[Entry, ...] = ()


def concerning(ids: Collection[str], moves: Iterable[Move]) -> tuple[Move, ...]:
    """The moves from or to a person."""
    mine = set(ids)
    return tuple(m for m in moves if mine & m.origin or mine & m.target)


def state_of(move: Move, moves: Iterable[Move], holders: Mapping[str, tuple[frozenset[str], ...]]) -> str:
    """How a move stands against the copy and the other moves (see the module)."""
    others = (m for m in moves if m is not move and m.overlaps(move.study, move.series))
    if any(not m.target & move.target for m in others):
        return CLASH
    held = holders.get(move.study, ())
    if any(not ids & (move.origin | move.target | move.upheld) for ids in held):
        return ELSEWHERE
    if any(ids & move.target and not ids & move.origin for ids in held):
        return CONFIRMED
    return MOVED if any(ids & move.origin for ids in held) else GONE


def moved(view: PatientView, records: Sequence[Record], around: Surroundings
          ) -> tuple[list[Record], tuple[MovedImages, ...]]:  # fmt: skip
    """The records of a person with the moves in force, and what is to be said of each, newest first."""
    ids, out, told = {view.id, *view.ids}, list(records), list[MovedImages]()
    came: dict[str, list[tuple[Move, Origin]]] = {}
    for move in around.moves:
        is_from, is_to = bool(ids & move.origin), bool(ids & move.target)
        if is_from == is_to:  # nobody's here, or both are one person by now
            continue
        state, gone = state_of(move, around.moves, around.holders), tuple[str, ...]()
        is_shown = is_to and state in SHOWN
        if is_from:
            out, gone = without(out, move, around.own.get(move.study, ()))
        origin = around.origins.get(move.entry.id, Origin())
        if is_shown:
            came.setdefault(move.study, []).append((move, origin))
        told.append(MovedImages(
            entry=move.entry, study=move.study, series=move.series, way=AWAY if is_from else HERE, state=state,
            other=move.entry.identity if is_from else move.shown, is_shown=is_shown, reports=gone,
            written=tuple(e for e in origin.entries if is_shown and _is_about(e, move, origin.entries)),
        ))  # fmt: skip
    brought: dict[str, tuple[str, ...]] = {}
    for study, parts in came.items():
        out, brought[study] = _with(view, out, parts, around.own.get(study, ()))
    told = [replace(m, reports=brought[m.study]) if m.is_shown and not m.series else m for m in told]
    marks = [(m.study, f"{moved_words(m)[0]}.") for m in told if m.is_shown]
    out = [_marked(r, marks) if isinstance(r, ImagingStudy) else r for r in out] if marks else out
    if told:
        out.sort(key=lambda r: (str(type(r).__struct_config__.tag), -_when(r), r.id))  # as a cut leaves them
    return out, tuple(reversed(told))


def _marked(study: ImagingStudy, marks: Sequence[tuple[str, str]]) -> ImagingStudy:
    """The study with the word that it was moved here among its notes, which stand wherever it is shown or printed."""
    said = tuple(words for uid, words in marks if uid == study.uid)
    return replace(study, notes=(*said, *study.notes)) if said else study


def without(records: Sequence[Record], move: Move, own: Sequence[Instance]) -> tuple[list[Record], tuple[str, ...]]:
    """(what stays of whom images were moved away, ids of the reports that went with them)."""
    studies = [r for r in records if isinstance(r, ImagingStudy) and r.uid == move.study]
    rest = [(s, [x for x in s.series if x.uid not in move.series]) for s in studies] if move.series else []
    left = {s.id: _of_series(s, series, own) for s, series in rest if series}
    went = [] if left else [r for r in records if isinstance(r, Report) and any(one_examination(r, s) for s in studies)]
    gone = {r.id for r in (*studies, *went)} - left.keys()
    return [left.get(r.id, r) for r in records if r.id not in gone], tuple(r.id for r in went)


def _with(view: PatientView, records: list[Record], parts: Sequence[tuple[Move, Origin]], own: Sequence[Instance]
          ) -> tuple[list[Record], tuple[str, ...]]:  # fmt: skip
    """The records of whom images of one study were moved to, with them; and the ids of the reports that came along."""
    came: dict[str, ImagingStudy] = {}
    instances: dict[str, Instance] = {}
    reports: dict[str, Report] = {}
    for move, origin in parts:
        theirs = [r for r in origin.records if isinstance(r, ImagingStudy) and r.uid == move.study]
        instances |= {i.id: i for i in origin.instances if is_of(i, move)}
        for study in theirs:
            held = came.get(study.id)
            taken = {s.uid for s in held.series} if held is not None else set()
            series = [s for s in study.series if not move.series or s.uid in move.series or s.uid in taken]
            came[study.id] = _of_series(study, series, origin.instances) if move.series or held is not None else study
        if not move.series:
            reports |= {r.id: r for r in origin.records
                        if isinstance(r, Report) and any(one_examination(r, s) for s in theirs)}  # fmt: skip
    uids = {s.uid for s in came.values()}
    native = [r for r in records if isinstance(r, ImagingStudy) and r.uid in uids]
    if native:
        both = joined(own, tuple(instances.values()))
        records = [_recounted(r, tuple(came.values()), both) if r in native else r for r in records]
    else:
        records = [*records, *(replace(s, patient=view.id) for s in came.values())]
    mine = {r.id for r in records} | {r.accession for r in records if isinstance(r, Report) and r.accession}
    with_them = [r for r in reports.values() if not {r.id, r.accession} & mine]
    return [*records, *(replace(r, patient=view.id) for r in with_them)], tuple(r.id for r in with_them)


def _of_series(study: ImagingStudy, series: Sequence[Series], instances: Sequence[Instance]) -> ImagingStudy:
    """A study with some of its series alone, counted anew."""
    uids = {s.uid for s in series}
    part = replace(study, series=tuple(series), total=None)
    counted = with_images([part, *(i for i in instances if i.series in uids)])
    return next((r for r in counted if isinstance(r, ImagingStudy)), part)


def _recounted(native: ImagingStudy, came: Sequence[ImagingStudy], instances: Sequence[Instance]) -> ImagingStudy:
    """A study as its source has it, with what is held of it here and there, each instance once."""
    counted = with_images([native, *came, *instances])
    one = next((r for r in counted if isinstance(r, ImagingStudy)), native)
    return replace(
        native, series=one.series, held=one.held, total=one.total, unheld=one.unheld, rejected=one.rejected,
        notes=one.notes,
    )  # fmt: skip


def is_of(instance: Instance, move: Move) -> bool:
    """Whether an instance is among the images of a move."""
    return instance.study == move.study and (not move.series or instance.series in move.series)


def joined(own: Sequence[Instance], came: Sequence[Instance]) -> tuple[Instance, ...]:
    """Instances of both, each once (SOP Instance UID): as the right patient's, unless only the other one's is held."""
    found = {i.uid: i for i in came}
    for one in own:
        if one.uid not in found or one.is_held or not found[one.uid].is_held:
            found[one.uid] = one
    return tuple(found.values())


def _is_about(entry: Entry, move: Move, entries: Sequence[Entry]) -> bool:
    """Whether an evaluation, or what was said of it later, is of the study that was moved."""
    if entry.kind not in _ABOUT:
        return False
    if entry.kind == "evaluation":
        return entry.body.get("study") == move.study
    of = entry.body.get("evaluation")
    return any(e.id == of and e.body.get("study") == move.study for e in entries)


def _when(record: Record) -> int:
    moment = record.happened or record.said
    return moment.utc if moment and moment.utc is not None else -(10**18)


# -- in words

UNDONE = "given back: the move was undone"
_STATES = {
    MOVED: "",
    CONFIRMED: "CONFIRMED BY THE SOURCE: it has this study under this patient now.",
    ELSEWHERE: "CONFLICT: a source has this study under a third patient. No picture is shown until a person decides:"
    " undo the move, or uphold it, by two people.",
    CLASH: "CONFLICT: two moves give these images to two patients. No picture is shown until a person decides: undo the"
    " one that is wrong, by two people.",
    GONE: "The images are no longer in this copy.",
}  # fmt: skip
_STATES_AWAY = {**_STATES, CONFIRMED: "CONFIRMED BY THE SOURCE: it has this study under that patient now."}


def number_words(identity: Identity | None) -> str:
    """The number by which a person was shown: hospital number, else NHS number, else the first that there is."""
    if identity is None:
        return "a number not recorded"
    if identity.mrn:
        return f"number {clean(identity.mrn)}"
    if identity.nhs:
        return f"NHS No. {nhs_number(identity.nhs)}"
    return next((f"number {clean(i.value)}" for i in identity.identifiers if i.value), "a number not recorded")


def _by(entry: Entry) -> str:
    people = " and ".join(clean(str(name)) for name in entry.body.get("moved_by", ())) or entry.staff
    at = entry.happened or entry.written
    return f"by {people}, {instant_text(at.instant) if at.instant else 'at a time not known'}"


def _reason(entry: Entry) -> str:
    return clean(str(entry.body.get("reason", ""))).rstrip(".")


def what(entry: Entry) -> str:
    """`CT head, 24-Nov-2026 01:10, no. A1` of a move; the series where not all were moved."""
    body = entry.body
    when = date_time(read_moment(str(body["done"]))) if body.get("done") else ""
    number = f"no. {body['accession']}" if body.get("accession") else ""
    series = f"{len(body['series'])} series of it" if body.get("series") else ""
    name = body.get("examination") or "Examination without a name"
    return clean(", ".join(x for x in (str(name), when, number, series) if x))


def moved_words(told: MovedImages) -> tuple[str, str]:
    """(head, the rest) as a chart says it: `Moved here from number RPH4830172W, FOXTROT, Whisky by A and B, …`."""
    name = display_name(told.other.name) if told.other is not None else "somebody not named"
    who = f"{number_words(told.other)}, {name}"
    if told.way == HERE:
        head, more = f"MOVED HERE from {who} {_by(told.entry)}", _STATES[told.state]
    else:
        head, more = f"MOVED TO {who} {_by(told.entry)}", _STATES_AWAY[told.state]
    reason = f"Reason: {_reason(told.entry)}."
    with_it = "Its report went with it." if told.reports else ""
    return head, " ".join(x for x in (reason, with_it, more) if x)


def entry_words(entry: Entry) -> tuple[str, str]:
    """(head, the rest) of the entry itself, on screen, on paper and on its way home."""
    body = entry.body
    shown = msgspec.convert(body["shown"], Identity) if body.get("shown") else None
    reason = f"Reason: {_reason(entry)}"
    if body.get("undone"):
        return f"Images given back: {what(entry)}", f"to {number_words(shown)}, {_by(entry)}. {reason}"
    return f"Images moved here: {what(entry)}", f"from {number_words(shown)}, {_by(entry)}. {reason}"


def of_study(moves: Iterable[MovedImages], study: str, way: str = HERE) -> tuple[MovedImages, ...]:
    """What is to be said beside one study."""
    return tuple(m for m in moves if m.study == study and m.way == way)
