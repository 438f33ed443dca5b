"""A printed report to one unit with one document (DESIGN §4). Pure; never raises; to be run in a reader's child."""

from __future__ import annotations

import re
from hashlib import sha256

import msgspec
import zstandard

from localdb.chart.assembly import NHS_SYSTEM
from localdb.records.ids import nhs_number_is_sound, patient_id, record_id
from localdb.records.moments import Moment
from localdb.records.vocabulary import RECORD_ENCODER, Document, Reference
from localdb.sources.printed.pages import PrintRefused, text_of
from localdb.sources.printed.rules import PrintRule, compiled
from localdb.sources.profiles import SourceProfile
from localdb.sources.tables.times import read_time
from localdb.sources.units import READ, SET_ASIDE, Blob, Fact, FileReading, Unit

PDF = "application/pdf"
_TYPE = "printed report"
_LEVEL = 3


def read_printed(file: str, data: bytes, source: str, profile: SourceProfile, rule: PrintRule) -> FileReading:
    """One PDF by one rule. Set aside with its bytes where it cannot be read or does not say whose it is."""
    try:
        unit, said = _report(file, data, source, profile, rule)
    except PrintRefused as error:
        said = None
        unit = Unit(index=0, type=_TYPE, source_id="", verdict=SET_ASIDE, code=error.code, reason=str(error))
    return FileReading(
        file=file,
        source=source,
        units=(msgspec.structs.replace(unit, raw=(0, len(data))),),
        kept=zstandard.ZstdCompressor(level=_LEVEL).compress(data),
        sha256=sha256(data).hexdigest(),
        cut=said,
        cut_rule="message",
    )


def _report(file: str, data: bytes, source: str, profile: SourceProfile, rule: PrintRule) -> tuple[Unit, Moment | None]:
    text, pages, is_whole = text_of(data)
    name = re.split(r"[/\\!]", file)[-1]
    found = groups_of(name, text, rule)
    patient, wants = _whose(found, source, rule)
    when = _moment(" ".join(found[g] for g in ("date", "time") if g in found), rule, profile.zone)
    if ("date" in found) != (when is not None):
        raise PrintRefused("printed.time_unreadable", "the report's date fits none of the rule's formats")
    checks = tuple((what, _check(what, found, rule, profile.zone)) for what in rule.patient.check)
    digest = sha256(data).hexdigest()
    source_id = "|".join(found.get(k, "") for k in rule.key) or found.get("number") or f"#{digest}"
    kind = rule.kinds.get(found.get("kind", ""), found.get("kind", ""))
    title = found.get("title") or kind or rule.title or "Printed report"
    rid = record_id(source, "DocumentReference", source_id)
    comments = () if is_whole else ("Only the first pages can be searched; the report itself is whole.",)
    document = Document(
        id=rid, patient=patient, source=source, source_id=source_id, happened=when, said=when, status="current",
        text=title, title=title, author=found.get("author") or rule.author, media_type=PDF, size=len(data), blob=digest,
        body=text.strip(), comments=comments,
        references=(Reference(role="encounter", key=f"Encounter/{found['visit']}"),) if found.get("visit") else (),
    )  # fmt: skip
    order = when.utc if when and when.utc is not None else 0
    fact = Fact(kind="document", id=rid, patient=patient, body=RECORD_ENCODER.encode(document), order=order)
    meaning = sha256(msgspec.msgpack.encode((fact, wants, checks, pages))).digest()
    unit = Unit(
        index=0, type=_TYPE, source_id=f"#{meaning.hex()}", verdict=READ, digest=meaning, facts=(fact,), wants=wants,
        updated=order or None, blobs=(Blob(sha256=digest, media_type=PDF, data=data),), checks=checks,
    )  # fmt: skip
    return unit, when


def groups_of(name: str, text: str, rule: PrintRule) -> dict[str, str]:
    """What the patterns find, each group once. Raises PrintRefused (printed.no_match, printed.disagrees)."""
    found: dict[str, str] = {}
    for one in rule.patterns:
        subject = name if one.on == "name" else text
        matches = list(compiled(one.pattern).finditer(subject))
        if not matches and not one.optional:
            where = "name" if one.on == "name" else "text"
            code = "printed.no_text" if one.on == "text" and not text.strip() else "printed.no_match"
            raise PrintRefused(code, f"the report's {where} has nothing that fits the rule's pattern for it")
        for n, match in enumerate(matches):
            for group, value in match.groupdict().items():
                value = " ".join((value or "").split())
                if not value or (n and group not in _OF_ONE_PERSON):
                    continue
                if group in found and _bare(group, found[group]) != _bare(group, value):
                    reason = f"the report says two different things about its {group}"
                    raise PrintRefused("printed.disagrees", reason)
                found.setdefault(group, value)
    return found


_OF_ONE_PERSON = frozenset({"nhs", "mrn", "born", "family"})


def _bare(group: str, value: str) -> str:
    """What of a value counts when two are compared: not the blanks of a number, nor the case of a name."""
    return re.sub(r"[\s-]", "", value) if group in ("nhs", "mrn") else value.casefold()


def _whose(found: dict[str, str], source: str, rule: PrintRule) -> tuple[str, tuple[str, ...]]:
    """(patient id, whom it waits for). Raises PrintRefused."""
    nhs, mrn = _bare("nhs", found.get("nhs", "")), found.get("mrn", "")
    if nhs and not nhs_number_is_sound(nhs):
        raise PrintRefused("printed.nhs_unsound", "the NHS number has not ten digits with a right check digit")
    if mrn and rule.patient.assigner is not None:
        return patient_id(source, rule.patient.assigner, mrn), ()
    if nhs:
        return "", (f"{NHS_SYSTEM}|{nhs}",)
    if mrn:
        return "", (f"{rule.patient.system}|{mrn}",)
    raise PrintRefused("printed.no_match", "the report has no number of a patient")


def _check(what: str, found: dict[str, str], rule: PrintRule, zone: str) -> str:
    """What our record of the patient must say too. Raises PrintRefused."""
    value = found.get(what, "")
    if what == "born":
        moment = _moment(value, rule, zone)
        local = moment.local if moment and moment.precision == "day" else None
        value = local.date().isoformat() if local else ""
    if not value:
        raise PrintRefused("printed.no_match", f"the report has no {what} to compare with the patient's record")
    return value


def _moment(text: str, rule: PrintRule, zone: str) -> Moment | None:
    return read_time(text, rule.formats, rule.zone or zone) if text else None
