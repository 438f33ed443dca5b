"""What the reading interface answers with: frozen results for screens, sheets and commands (DESIGN §5, D12).

Nothing here holds a clinical judgement: order, grouping, age and origin only.
"""

from __future__ import annotations

from typing import Any

import msgspec

from localdb.records.moments import Moment
from localdb.records.vocabulary import Allergy, Contact, HumanName, Identifier, Record

KNOWN, NONE_ASSERTED, NOT_RECORDED, UNAVAILABLE = "known", "none_asserted", "not_recorded", "unavailable"


class Join(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One source patient of a person who joins several (D2): its numbers, its source, and what joined it: `type`
    replaced-by, replaces, seealso (a source's word), shared (the same exact number), hand (a person's decision), ""
    for the one that the others were joined to. `said` when the source said so, `made` when it was taken in here, `by` =
    "source" or who decided."""

    patient: str
    identifiers: tuple[Identifier, ...] = ()
    source: str = ""
    type: str = ""
    said: Moment | None = None
    made: Moment | None = None
    by: str = ""


class PatientView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One person as the copy knows them. `id` = survivor of a merge, else the smallest of `ids`; `names` all, the one
    to show first is `name`; `nhs` and `mrn` bare values (None: none sent); `scope` whole or thin; `joins` each source
    patient of whom the person consists, the one that the others were joined to first (empty where there is one alone);
    `aged` (kind of record, words) of what the site's windows left out of this copy; `notes` what the ward wrote that must
    be read with the name (who they are believed to be). Somebody registered here during downtime has the scope
    `registered` (`chart.registered`) and stands in no copy."""

    id: str
    ids: tuple[str, ...] = ()
    name: HumanName = HumanName()
    names: tuple[HumanName, ...] = ()
    preferred: str = ""
    identifiers: tuple[Identifier, ...] = ()
    nhs: str | None = None
    nhs_verified: bool | None = None
    mrn: str | None = None
    born: Moment | None = None
    born_estimated: bool = False
    gender: str = ""
    is_deceased: bool = False
    deceased: Moment | None = None
    address: str = ""
    phones: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    practitioner: str = ""
    contacts: tuple[Contact, ...] = ()
    ward: str = ""
    bed: str = ""
    consultant: str = ""
    reason: str = ""
    admitted: Moment | None = None
    scope: str = "thin"
    sources: tuple[str, ...] = ()
    joins: tuple[Join, ...] = ()
    aged: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


class Listing(msgspec.Struct, frozen=True):
    """One list of the chart: `state` known / none_asserted / not_recorded / unavailable, and its items, newest first.

    Only `known` may be shown as a list; each other state has words of its own (CLINICAL §1.5, DESIGN §4 Scope). `window`
    is the sentence about what the site's windows left out of this copy ("": nothing): to be shown with the list.
    """

    state: str
    items: tuple[Record, ...] = ()
    window: str = ""


class SourceAge(msgspec.Struct, frozen=True, kw_only=True):
    """How fresh one source is (D11). `kinds` maps kind of record -> cut; `cut` is the oldest known of them; `state` =
    complete / partial / failed / never; `declared` = down/back as declared by a person, with `declared_since`.

    `title` what the site calls it ("": its name); `heartbeat` its last sign of life and `last_message` the last one that
    came, both by our clock; `expected` minutes without a sign until it is silent (0: none is expected); `life` live /
    quiet / silent / unknown **at the time of reading**: screens ask `staleness.life_of` anew each minute. `drift` seconds,
    our clock minus theirs (None: not measured); `received` records that came of each kind.
    """

    source: str
    kinds: dict[str, Moment | None] = {}
    cut: Moment | None = None
    heartbeat: Moment | None = None
    last_message: Moment | None = None
    coverage: str = ""
    state: str = "complete"
    declared: str = ""
    declared_since: Moment | None = None
    declared_by: str = ""
    title: str = ""
    expected: int = 0
    life: str = "unknown"
    drift: int | None = None
    received: dict[str, int] = {}


class Identity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The patient's identity as it was shown when something was written or printed (D5): enough to print an entry
    when the snapshot is gone."""

    patient: str
    ids: tuple[str, ...] = ()
    name: HumanName = HumanName()
    born: Moment | None = None
    gender: str = ""
    nhs: str | None = None
    mrn: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    born_estimated: bool = False


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing written during downtime (D5, D7). `number` = device code + `-` + sequence; `happened` and `written`
    with offset; `body` as `enter KIND --schema` describes it; `corrects` the entry that it replaces, `corrected_by` the
    one that replaced it; `delivery` kept/waiting/sent/confirmed/refused/needs_person."""

    id: str
    number: str
    kind: str
    device: str
    sequence: int
    staff: str
    happened: Moment | None
    written: Moment
    identity: Identity | None
    body: dict[str, Any]
    corrects: str | None = None
    corrected_by: str | None = None
    delivery: str = "kept"


class MovedImages(msgspec.Struct, frozen=True, kw_only=True):
    """One move of images as one person's chart tells it (`chart.moved` has the rules). `way`: `here` (they are this
    person's now) or `away` (they stood here and are another's); `state` moved / confirmed / elsewhere / clash / gone;
    `other` the identity of the other person as it was shown; `is_shown` whether their pictures stand in this chart;
    `reports` ids of the reports that went with them; `written` entries about them in the chart that they came from."""

    entry: Entry
    study: str
    way: str
    state: str
    series: tuple[str, ...] = ()
    other: Identity | None = None
    is_shown: bool = False
    reports: tuple[str, ...] = ()
    written: tuple[Entry, ...] = ()


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """The living chart of one person: snapshot + journal (D6). `lists` has every key of records.LISTS; `phoned` are
    the phoned_result entries (never in the grid); `entries` all entries, newest first, phoned ones included; `alike`
    matching.SAME_WARD or IN_HOSPITAL where somebody there could be mistaken for this person (CLINICAL §1.3), else "";
    `moved` the moves of images from and to this person, newest first."""

    patient: PatientView
    lists: dict[str, Listing]
    phoned: tuple[Entry, ...] = ()
    entries: tuple[Entry, ...] = ()
    sources: tuple[SourceAge, ...] = ()
    generation: int = 0
    held_since: Moment | None = None
    read_at: Moment | None = None
    alike: str = ""
    moved: tuple[MovedImages, ...] = ()

    def __getattr__(self, name: str) -> Listing:
        try:
            return self.lists[name]
        except KeyError:
            raise AttributeError(name) from None


class CensusRow(msgspec.Struct, frozen=True, kw_only=True):
    """One bed of a ward: `patient` None where it is empty (`note` says "closed: …" where the source did)."""

    bed: str
    patient: PatientView | None = None
    note: str = ""
    allergy_state: str = UNAVAILABLE
    allergies: tuple[Allergy, ...] = ()
    alerts: tuple[Record, ...] = ()
    score: str = ""  # NEWS2 as sent by the source, never computed
    score_at: Moment | None = None
    is_score_whole: bool = True  # False: a parameter of the set is missing, so the total must not be read as one (H22)
    waiting: int = 0
    alike: str = ""  # as of a Chart
    entries: int = 0


class Census(msgspec.Struct, frozen=True, kw_only=True):
    """A ward in bed order, empty beds among them."""

    ward: str
    rows: tuple[CensusRow, ...]
    sources: tuple[SourceAge, ...] = ()
    generation: int = 0


class PendingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was in flight at the cut."""

    patient: PatientView
    request: Record
