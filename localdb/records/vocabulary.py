"""The typed vocabulary: what Wardlamp knows of a patient, frozen, to the letter of the source (DESIGN §4).

Rules: values are the text that was sent (no floats, no rounding, no conversion); nothing is recomputed or merged across
methods; absence is None or (), never a guess. `kind` is the tag under which a record is stored and listed.
"""

from __future__ import annotations

import msgspec

from localdb.records.moments import Moment
from localdb.records.presentations import Presentation


class Coding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One code as sent: system (URI), code, display."""

    system: str = ""
    code: str = ""
    display: str = ""


class Identifier(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number that a system gave a person. `verified` is None where the source said nothing about it.

    `type` is the v2-0203 code (`MR`, `NH` …) where one was sent, `status` the NHS number verification code as sent.
    """

    system: str = ""
    value: str = ""
    type: str = ""
    verified: bool | None = None
    status: str = ""
    use: str = ""


class HumanName(msgspec.Struct, frozen=True, omit_defaults=True):
    """A name verbatim: parts as sent; `text` where only a text was sent. `use` as in FHIR."""

    family: str = ""
    given: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    suffix: tuple[str, ...] = ()
    use: str = ""
    text: str = ""


class Link(msgspec.Struct, frozen=True):
    """A source's own word that two of its patients are one: `type` replaced-by, replaces, refer, seealso."""

    other: str
    type: str


class Contact(msgspec.Struct, frozen=True, omit_defaults=True):
    """Next of kin or another contact, as sent."""

    name: str = ""
    relationship: str = ""
    phones: tuple[str, ...] = ()


class Reference(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a record points to: `role` in the record, `key` = `Type/id` in the same source, `display` as sent.

    Roles: encounter, author, performer, medication, location, specimen, device, result, based_on, imaging, member,
    replaces (an earlier document that this one stands for), appends (one that this one adds to), also (of an imaging
    study that several systems told of: `source/Type/id` of each other word about it).
    """

    role: str
    key: str
    display: str = ""


class Former(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a record said before it was replaced by a newer version. `body` = the text of a report, whose conclusion is
    `text`."""

    value: str | None = None
    comparator: str | None = None
    unit: str | None = None
    status: str = ""
    text: str = ""
    said: Moment | None = None
    version: str | None = None
    body: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """What every record has.

    `id` = R + 13; `patient` = the source patient it came for; `source_id` the source's bare id; `happened` when it
    happened (collected, given, started), `said` when it was said (issued, recorded); `status` as sent; `codes` all
    codings as sent; `text` the name to show (sent text, else first display, else first code); `comments` as sent;
    `restricted` = the source marked it confidential (never on lists, labels or displays, CLINICAL §1.5); `entry` = the id
    of the downtime entry that this record came back from ("": none; DESIGN D6, D8).
    """

    id: str
    patient: str
    source: str
    source_id: str
    version: str | None = None
    happened: Moment | None = None
    ended: Moment | None = None
    said: Moment | None = None
    status: str = ""
    codes: tuple[Coding, ...] = ()
    text: str = ""
    comments: tuple[str, ...] = ()
    author: str = ""
    references: tuple[Reference, ...] = ()
    restricted: bool = False
    entry: str = ""


class Component(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of an observation or result (systolic, an antibiotic …)."""

    codes: tuple[Coding, ...] = ()
    text: str = ""
    value: str | None = None
    comparator: str | None = None
    unit: str | None = None
    range: str | None = None
    flag: str | None = None
    value_codes: tuple[Coding, ...] = ()
    absent: str = ""


class Allergy(Record, frozen=True, kw_only=True, omit_defaults=True, tag="allergy"):
    """AllergyIntolerance. `clinical` active/inactive/resolved, `verification` confirmed/refuted/entered-in-error … as
    sent; `asserts_none` = an explicit "no known allergy" (SNOMED 716186003, 409137002, 429625007 …, CLINICAL §1.5)."""

    clinical: str = ""
    verification: str = ""
    type: str = ""
    criticality: str = ""
    reactions: tuple[str, ...] = ()
    severity: str = ""
    asserts_none: bool = False


class Alert(Record, frozen=True, kw_only=True, omit_defaults=True, tag="alert"):
    """Flag: `category` as sent."""

    category: str = ""


class Problem(Record, frozen=True, kw_only=True, omit_defaults=True, tag="problem"):
    """Condition: `clinical`, `verification`, `category` as sent."""

    clinical: str = ""
    verification: str = ""
    category: str = ""


class Medicine(Record, frozen=True, kw_only=True, omit_defaults=True, tag="medicine"):
    """MedicationRequest or MedicationStatement. `dose`, `route`, `frequency`, `instructions` are texts as sent;
    `last_given` comes from the administrations in the copy (None: no record, never "not given", CLINICAL §5.2).

    When it is due, as sent and nothing else: `due` the instants that the source named, `times` clock times (`14:00`),
    `days` days of the week (`mon`), `every` the period (`1 d`, "" where none was sent or several dosages differ);
    `form` the pharmaceutical form in words."""

    intent: str = ""
    dose: str = ""
    route: str = ""
    frequency: str = ""
    instructions: str = ""
    as_needed: bool = False
    reason: str = ""
    last_given: Moment | None = None
    form: str = ""
    times: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    due: tuple[Moment, ...] = ()
    every: str = ""


class Administration(Record, frozen=True, kw_only=True, omit_defaults=True, tag="administration"):
    """MedicationAdministration or Immunization; `reason` why not given, as sent; `request` the order's `Type/id`."""

    dose: str = ""
    route: str = ""
    reason: str = ""
    request: str = ""


class Observation(Record, frozen=True, kw_only=True, omit_defaults=True, tag="observation"):
    """Observation of a category other than laboratory (or none: see chart). Values are texts as sent."""

    value: str | None = None
    comparator: str | None = None
    unit: str | None = None
    range: str | None = None
    flag: str | None = None
    value_codes: tuple[Coding, ...] = ()
    absent: str = ""
    components: tuple[Component, ...] = ()
    replaces: tuple[Former, ...] = ()
    method: str = ""
    specimen: str = ""
    body_site: str = ""
    category: str = ""
    received: Moment | None = None


class Result(Observation, frozen=True, kw_only=True, omit_defaults=True, tag="result"):
    """A laboratory Observation. `panel` is the name of the report that names it, filled in when the chart is made."""

    panel: str = ""


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One further file of a report or document: `blob` = SHA-256 (hex) of what is held in `blobs/`; `size` in bytes."""

    blob: str
    media_type: str = ""
    title: str = ""
    size: int | None = None


class Report(Record, frozen=True, kw_only=True, omit_defaults=True, tag="report"):
    """DiagnosticReport: `conclusion`, `body` verbatim, `addenda` above it (CLINICAL §4.1); `results` = `Type/id`;
    `blob` = SHA-256 (hex) of an embedded file that is held in `blobs/`, with its `media_type`; `files` those after the
    first. As sent: `accession` the department's number, `modality` a DICOM or HL7 0074 code (`CT`), `laterality` the side
    in the source's own words, `alert` the code of an alert that the department put on it."""

    category: str = ""
    conclusion: str = ""
    body: str = ""
    addenda: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    replaces: tuple[Former, ...] = ()
    blob: str = ""
    media_type: str = ""
    files: tuple[Attachment, ...] = ()
    accession: str = ""
    modality: str = ""
    laterality: str = ""
    alert: str = ""


class Series(msgspec.Struct, frozen=True, omit_defaults=True):
    """One imaging series: `total` instances as the source counts them, `held` in this copy; `number` (0020,0011)."""

    uid: str = ""
    modality: str = ""
    text: str = ""
    body_site: str = ""
    laterality: str = ""
    total: int | None = None
    held: int = 0
    number: int | None = None


class ImagingStudy(Record, frozen=True, kw_only=True, omit_defaults=True, tag="image"):
    """ImagingStudy: facts and series; `held`/`total` instances are sums over the series.

    Filled in at the cut (`chart.held_images`): `held`, `total` None where nobody said how many there are; `unheld` (code of
    errors.toml, how many) of those not held, which add up to `total - held`; `rejected` how many the department took back
    (counted nowhere else); `notes` our words about the counts.
    """

    uid: str = ""
    modality: str = ""
    accession: str = ""
    series: tuple[Series, ...] = ()
    total: int | None = None
    held: int = 0
    unheld: tuple[tuple[str, int], ...] = ()
    rejected: int = 0
    notes: tuple[str, ...] = ()


class Pixels(msgspec.Struct, frozen=True, omit_defaults=True):
    """A run of frames of one instance, held as a pixel file (`localdb.pixels.container`) in `blobs/`.

    `blob` SHA-256 (hex) of the pixel file, `size` its bytes; frames `first` to `first + count - 1`, counted from 0.
    """

    blob: str
    size: int
    first: int = 0
    count: int = 1


class Instance(Record, frozen=True, kw_only=True, omit_defaults=True, tag="instance"):
    """One SOP instance of an imaging study (DICOM PS3.3): what a list, a stack and a warning need without its pixels.

    Not a list of the chart: asked for by study (`Reading.instances`). `source_id` = `uid`, the SOP Instance UID; `study`
    and `series` the UIDs of those. `number` (0020,0013), `series_number` (0020,0011), `series_text` (0008,103E), `view`
    (0018,5101), `laterality` (0020,0062) else (0020,0060), `image_type` (0008,0008) as sent. `rows`, `columns` in pixels
    and `frames` of an image, 0 of anything else. `position` (3) and `orientation` (6) in the patient, millimetres and
    cosines as sent, of the first frame; `frame_of_reference` its UID. `pixels`: the frames that are held, () where none
    are, and then `unheld` says why (a code of errors.toml); an object without pixels has neither and counts as held.
    `pointed`: SOP Instance UIDs that a key object selection or presentation state is about; `title` what it is called,
    `presentation` what that state draws; `lossy` the compression ratio as sent, "lossy" where only that was said.
    `happened` = acquired.
    """

    uid: str
    study: str
    series: str
    sop_class: str = ""
    modality: str = ""
    number: int | None = None
    series_number: int | None = None
    series_text: str = ""
    body_site: str = ""
    laterality: str = ""
    view: str = ""
    image_type: tuple[str, ...] = ()
    rows: int = 0
    columns: int = 0
    frames: int = 0
    position: tuple[str, ...] = ()
    orientation: tuple[str, ...] = ()
    frame_of_reference: str = ""
    lossy: str = ""
    pixels: tuple[Pixels, ...] = ()
    unheld: str = ""
    pointed: tuple[str, ...] = ()
    title: str = ""
    presentation: Presentation | None = None

    @property
    def is_image(self) -> bool:
        return self.frames > 0

    @property
    def is_held(self) -> bool:
        """Whether everything of it is in this copy: all frames of an image, the facts of anything else."""
        return sum(p.count for p in self.pixels) >= self.frames and not self.unheld


class Request(Record, frozen=True, kw_only=True, omit_defaults=True, tag="request"):
    """ServiceRequest. In flight while `status` is draft, active or on-hold. As sent: `numbers` the order numbers as people
    read them; `collected` and `received` of its specimen; `stage` the code of how far it has come (HL7 table 0123 or
    0038); `asked` when it was ordered, `wanted` for when."""

    intent: str = ""
    priority: str = ""
    category: str = ""
    reason: str = ""
    numbers: tuple[str, ...] = ()
    collected: Moment | None = None
    received: Moment | None = None
    stage: str = ""
    asked: Moment | None = None
    wanted: Moment | None = None


class Appointment(Record, frozen=True, kw_only=True, omit_defaults=True, tag="appointment"):
    """Appointment: where and with whom as sent."""

    place: str = ""
    participants: tuple[str, ...] = ()


class Document(Record, frozen=True, kw_only=True, omit_defaults=True, tag="document"):
    """DocumentReference or Composition: `body` = text where it is text, else the media type says what is held; `blob` =
    SHA-256 (hex) of the file in `blobs/`, "" where only the text or a pointer came; `files` those after the first;
    `category` and `specialty` (the practice setting) in the source's own words."""

    media_type: str = ""
    title: str = ""
    body: str = ""
    size: int | None = None
    blob: str = ""
    files: tuple[Attachment, ...] = ()
    category: str = ""
    specialty: str = ""


class Move(msgspec.Struct, frozen=True, omit_defaults=True):
    """One place of a stay in its time, as sent: `location` = `Location/id`, `text` its name ("ward, bed" once resolved)."""

    location: str = ""
    text: str = ""
    start: Moment | None = None
    end: Moment | None = None


class Stay(Record, frozen=True, kw_only=True, omit_defaults=True, tag="stay"):
    """Encounter of any class. `ward` and `bed` are resolved when the chart is made (DESIGN §4); `moves` the dated places
    in the order in which they were sent."""

    class_: str = msgspec.field(name="class", default="")
    reason: str = ""
    ward: str = ""
    bed: str = ""
    location: str = ""  # `Location/id` of the active location
    consultant: str = ""
    moves: tuple[Move, ...] = ()


class Other(Record, frozen=True, kw_only=True, omit_defaults=True, tag="other"):
    """Anything else that names a patient (Procedure, CarePlan …): kept in the intake, its list comes later."""

    type: str = ""


class Patient(Record, frozen=True, kw_only=True, omit_defaults=True, tag="patient"):
    """A source patient as one source sent it. `patient` equals `id` (P + 13)."""

    names: tuple[HumanName, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    gender: str = ""
    born: Moment | None = None
    born_estimated: bool = False
    deceased: Moment | None = None
    is_deceased: bool = False
    address: str = ""
    phones: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    practitioner: str = ""
    contacts: tuple[Contact, ...] = ()
    links: tuple[Link, ...] = ()


class Referred(Record, frozen=True, kw_only=True, omit_defaults=True, tag="referred"):
    """People, places and things that others refer to (Practitioner, Organization, Location, Medication, Device,
    Specimen …): `type` the FHIR type, `text` what to show; a Location has `place` (`wa`, `bd` …) and `part_of`."""

    type: str = ""
    place: str = ""
    part_of: str = ""
    operational: str = ""


AnyRecord = (
    Allergy
    | Alert
    | Problem
    | Medicine
    | Administration
    | Observation
    | Result
    | Report
    | ImagingStudy
    | Instance
    | Request
    | Appointment
    | Document
    | Stay
    | Other
    | Patient
    | Referred
)

# Lists of the chart (DESIGN §5) -> kind of record. The order is the order of the screens.
LISTS: dict[str, str] = {
    "allergies": "allergy",
    "alerts": "alert",
    "problems": "problem",
    "medicines": "medicine",
    "administrations": "administration",
    "results": "result",
    "observations": "observation",
    "reports": "report",
    "images": "image",
    "requests": "request",
    "appointments": "appointment",
    "documents": "document",
    "stays": "stay",
}
ENTRY_SYSTEM = "urn:wardlamp:entry"  # the identifier system of what restoration sent (D8): "<entry id>#<n>"
# What a thin patient consists of (DESIGN D1 "thin"): any other kind makes the patient whole.
THIN_KINDS = frozenset({"patient", "allergy", "alert"})
BLOOD_GROUP_CODES = frozenset({"882-1", "883-9", "10331-7", "890-4"})  # LOINC: ABO+Rh, ABO, RhD, antibody screen
RECORD_DECODER: msgspec.json.Decoder[AnyRecord] = msgspec.json.Decoder(AnyRecord)
RECORD_ENCODER = msgspec.json.Encoder()
