"""Laboratory results over several days, as the laboratory system sends them.

`[patient.labs]` of the tables: `times` of collection, `panels` (one text, or one for each time), and rows of values,
one word a time:  `5.9` · `<5` comparator · `.` made up near the patient's own normal · `-` not measured ·
`212p` preliminary · `5.9c6.8` corrected from 6.8 · `x:haemolysed` not available · `w3.1:why_it_was` withdrawn.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from fhir import HL7, LOINC, Resource, concept, moved, quantity, reference, resource, short, when
from microbiology import cultures
from people import patient
from requests_in_flight import requests

RECENT = "2026-11-22"
FIRST_ISSUED = "2026-11-24T01:40:00+00:00"


class Result(NamedTuple):
    """One cell: what was measured when, as the word of the table."""

    analyte: str
    at: str
    word: str


def _limits(analyte: dict[str, Any], person: dict[str, Any]) -> tuple[float | None, float | None]:
    sex = "f" if person["gender"] == "female" else "m"
    return analyte.get(f"low_{sex}", analyte.get("low")), analyte.get(f"high_{sex}", analyte.get("high"))


def _usual(hospital: dict[str, Any], person: dict[str, Any], name: str) -> float:
    """The patient's own normal for an analyte, within its range."""
    analyte = hospital["analyte"][name]
    low, high = _limits(analyte, person)
    low = analyte.get("usual_low", low if low is not None else (high or 1) * 0.2)
    high = high if high is not None else low * 1.3
    usual: dict[str, float] = person.setdefault("usual", {})
    if name not in usual:
        usual[name] = low + (high - low) * person["random"].uniform(*analyte.get("usual", (0.3, 0.7)))
    return usual[name] + (high - low) * person["random"].uniform(-0.08, 0.08)


def egfr(creatinine: float, person: dict[str, Any]) -> int:
    """CKD-EPI 2009 without ethnicity, as the laboratory would report it; creatinine in umol/L."""
    female = person["gender"] == "female"
    ratio = creatinine / 88.4 / (0.7 if female else 0.9)
    power = -0.329 if female else -0.411
    age = 2026 - int(person["born"][:4])
    value = 141 * min(ratio, 1) ** power * max(ratio, 1) ** -1.209 * 0.993**age * (1.018 if female else 1)
    return round(value)


def cells(hospital: dict[str, Any], person: dict[str, Any]) -> list[Result]:
    """Every cell of a patient, in the order of time."""
    labs = person.get("labs")
    if not labs:
        return []
    if "cells" in person:
        done: list[Result] = person["cells"]
        return done
    out: list[Result] = []
    rows = {name: text.split() for name, text in labs.get("rows", {}).items()}
    for name, words in rows.items():
        if len(words) != len(labs["times"]):
            raise ValueError(f"bed {person['bed']}: {name} has {len(words)} words for {len(labs['times'])} times")
    for n, at in enumerate(labs["times"]):
        panels = labs["panels"] if isinstance(labs["panels"], str) else labs["panels"][n]
        asked = [hospital["panel"][panel] for panel in panels.split()]
        wanted = [name for panel in asked for name in panel.get("ask", panel["of"])]
        wanted += [name for name, words in rows.items() if name not in wanted and words[n] not in ".-"]
        for name in wanted:
            word = rows[name][n] if name in rows else "."
            if word == ".":
                word = _made_up(hospital, person, name, rows.get(name, [])[n::-1] + rows.get(name, [])[n:], out)
            if word != "-":
                out.append(Result(name, when(at), word))
    person["cells"] = out
    return out


def _made_up(hospital: dict[str, Any], person: dict[str, Any], name: str, row: list[str], done: list[Result]) -> str:
    """A word for `.`: what follows from others of the sample, else near the row's own nearest word, else usual."""
    places = hospital["analyte"][name].get("places", 0)
    of_sample = {"eGFR": "Creat", "Neut": "WBC", "Lymph": "WBC"}.get(name)
    if of_sample:
        other = float(re.match(r"[\d.]*", next(r.word for r in reversed(done) if r.analyte == of_sample))[0] or 0)
        if not other:
            return "-"
        if name == "eGFR":
            value = egfr(other, person)
            return ">90" if value > 90 else f"{value}"
        share = 0.6 + min(0.25, max(0.0, (other - 9) / 40)) + person["random"].uniform(-0.03, 0.03)
        return f"{other * (share if name == 'Neut' else (1 - share) * 0.65):.{places}f}"
    near = [word for word in row if re.fullmatch(r"-?\d[\d.]*", word)]
    if near:
        return f"{float(near[0]) * person['random'].uniform(0.975, 1.025):.{places}f}"
    return f"{_usual(hospital, person, name):.{places}f}"


def _flag(analyte: dict[str, Any], person: dict[str, Any], value: float) -> str:
    low, high = _limits(analyte, person)
    if "hh" in analyte and value >= analyte["hh"]:
        return "HH"
    if "ll" in analyte and value <= analyte["ll"]:
        return "LL"
    if high is not None and value > high:
        return "H"
    return "L" if low is not None and value < low else ""


def _range(analyte: dict[str, Any], person: dict[str, Any]) -> list[Resource]:
    low, high = _limits(analyte, person)
    if low is None and high is None:
        return []
    places, unit = analyte.get("places", 0), analyte["unit"]
    one: Resource = {}
    if low is not None:
        one["low"] = quantity(f"{low:.{places}f}", unit, analyte.get("ucum"))
    if high is not None:
        one["high"] = quantity(f"{high:.{places}f}", unit, analyte.get("ucum"))
    text = f"{low:.{places}f}-{high:.{places}f}" if low is not None and high is not None else ""
    text = text or (f"<{high:.{places}f}" if high is not None else f">{low:.{places}f}")
    return [one | {"text": text}]


def _read(word: str) -> tuple[str, str, str, str]:
    """(comparator, value, status, what stands after it) of a word."""
    if word.startswith("x:"):
        return "", "", "cancelled", word[2:].replace("_", " ")
    found = re.fullmatch(r"(w?)([<>]?)(-?[\d.]+)(p?)(?:c([\d.]+))?(?::(\S+))?", word)
    if not found:
        raise ValueError(f"not a result: {word}")
    withdrawn, comparator, value, early, former, why = found.groups()
    status = "preliminary" if early else "corrected" if former else "entered-in-error" if withdrawn else "final"
    return comparator, value, status, former or (why or "").replace("_", " ")


def _delay(analyte: dict[str, Any]) -> int:
    return 4 if analyte.get("bedside") else 58


def _observation(hospital: dict[str, Any], person: dict[str, Any], cell: Result, first: bool = False) -> Resource:
    """The Observation of a cell; `first` = as it was before it was corrected or withdrawn."""
    analyte = hospital["analyte"][cell.analyte]
    comparator, value, status, rest = _read(cell.word)
    changed = status in ("corrected", "entered-in-error")
    if first:
        value, status = (rest if status == "corrected" else value), "final"
    issued = moved(cell.at, 30 if first else _delay(analyte))
    if changed and not first:
        issued = when(person["labs"]["changed"])
    notes = [] if first else _notes(person, cell, status, rest)
    body: Resource = {"status": status}
    body["category"] = [concept("Laboratory", (HL7 + "observation-category", "laboratory", "Laboratory"))]
    body["code"] = concept(analyte["name"], (LOINC, analyte["loinc"], analyte["name"]))
    body |= {"subject": reference("Patient", person["mrn"]), "effectiveDateTime": cell.at, "issued": issued}
    bedside = analyte.get("bedside", "")
    body["performer"] = [{"display": bedside or analyte.get("by", "Biochemistry")}]
    if value and status != "entered-in-error":
        body["valueQuantity"] = quantity(value, analyte["unit"], analyte.get("ucum"), comparator)
        flag = "" if comparator else _flag(analyte, person, float(value))
        if flag:
            words = {"H": "High", "L": "Low", "HH": "Critical high", "LL": "Critical low"}
            flags = (HL7 + "v3-ObservationInterpretation", flag, words[flag])
            body["interpretation"] = [concept(words[flag], flags)]
        body["referenceRange"] = _range(analyte, person)
    else:
        why = "error" if status == "cancelled" else "unknown"
        body["dataAbsentReason"] = concept(rest or "withdrawn", (HL7 + "data-absent-reason", why, ""))
    body["note"] = [{"text": text} for text in notes]
    if "method" in analyte:
        body["method"] = {"text": analyte["method"]}
    body["specimen"] = reference("Specimen", _specimen_id(person, cell.at), _sample(person, cell.at))
    key = f"{person['mrn']}-{cell.analyte}-{short(cell.at)}"
    return resource("Observation", key, issued, version="2" if changed and not first else "1", **body)


def _notes(person: dict[str, Any], cell: Result, status: str, rest: str) -> list[str]:
    notes = []
    if status == "cancelled":
        notes.append(f"not available: {rest}")
    elif status == "entered-in-error":
        notes.append(f"withdrawn by laboratory: {rest}")
    elif status == "preliminary":
        notes.append("not yet authorised")
    elif status == "corrected":
        notes.append("first sample haemolysed, repeated")
    labs = person["labs"]
    if cell.at == when(labs["times"][-1]) and cell.analyte in labs.get("notes", {}):
        notes.append(labs["notes"][cell.analyte])
    return notes


def _sample(person: dict[str, Any], at: str) -> str:
    last = at == when(person["labs"]["times"][-1])
    text: str = person["labs"].get("sample", "blood, left arm") if last else "blood"
    return text


def _specimen_id(person: dict[str, Any], at: str) -> str:
    return f"{person['mrn']}-sample-{short(at)}"


def _specimen(person: dict[str, Any], at: str) -> Resource:
    body: Resource = {"accessionIdentifier": {"system": "urn:northmoor:lims:sample", "value": f"26{short(at)[2:]}"}}
    body |= {"status": "available", "type": {"text": _sample(person, at)}}
    body |= {"subject": reference("Patient", person["mrn"]), "receivedTime": moved(at, 22)}
    body["collection"] = {"collectedDateTime": at}
    return resource("Specimen", _specimen_id(person, at), moved(at, 22), **body)


def _panels(hospital: dict[str, Any], person: dict[str, Any], at: str, made: list[Resource]) -> list[Resource]:
    out = []
    for key, panel in hospital["panel"].items():
        mine = [one for one in made if one["id"].split("-")[1] in panel["of"]]
        if not mine:
            continue
        statuses = {one["status"] for one in mine}
        status = next((s for s in ("preliminary", "corrected") if s in statuses), "final")
        if statuses <= {"cancelled", "entered-in-error"}:
            status = "cancelled" if "cancelled" in statuses else "entered-in-error"
        body: Resource = {"status": status}
        body["category"] = [concept("Laboratory", (HL7 + "v2-0074", "LAB", "Laboratory"))]
        body["code"] = concept(panel["name"], (LOINC, panel.get("loinc", ""), panel["name"]))
        body |= {"subject": reference("Patient", person["mrn"]), "effectiveDateTime": at}
        body["issued"] = max(one["issued"] for one in mine)
        body["performer"] = mine[0]["performer"]
        body["result"] = [reference("Observation", one["id"]) for one in mine]
        out.append(resource("DiagnosticReport", f"{person['mrn']}-{key}-{short(at)}", body["issued"], **body))
    return out


def _of_time(hospital: dict[str, Any], person: dict[str, Any], at: str) -> list[Resource]:
    made = [_observation(hospital, person, cell) for cell in cells(hospital, person) if cell.at == at]
    return [_specimen(person, at), *made, *_panels(hospital, person, at, made)]


def superseded(hospital: dict[str, Any], patients: list[dict[str, Any]]) -> list[Resource]:
    """What was first sent of results that were corrected or withdrawn later, with their Patients."""
    out: list[Resource] = []
    for person in patients:
        changed = [c for c in cells(hospital, person) if _read(c.word)[2] in ("corrected", "entered-in-error")]
        if changed:
            out.append(patient(person, when("23 20:00")))
            out += [_specimen(person, at) for at in dict.fromkeys(c.at for c in changed)]
            out += [_observation(hospital, person, cell, first=True) for cell in changed]
    return out


def _times(hospital: dict[str, Any], person: dict[str, Any], recent: bool) -> list[str]:
    every = dict.fromkeys(cell.at for cell in cells(hospital, person))
    return [at for at in every if (at >= RECENT) is recent]


def history(hospital: dict[str, Any], patients: list[dict[str, Any]]) -> list[Resource]:
    """Results before the last two days, with their Patients."""
    out: list[Resource] = []
    for person in patients:
        older = _times(hospital, person, recent=False)
        if older:
            out.append(patient(person, when("23 20:00")))
            out += [one for at in older for one in _of_time(hospital, person, at)]
    return out


def ward(hospital: dict[str, Any], patients: list[dict[str, Any]]) -> list[Resource]:
    """Results of the last two days, microbiology and requests in flight, with their Patients."""
    out: list[Resource] = []
    for person in patients:
        mine = [one for at in _times(hospital, person, recent=True) for one in _of_time(hospital, person, at)]
        mine += [*cultures(person), *requests(hospital, person, "lims")]
        if mine:
            out += [patient(person, when("23 20:00")), *mine]
    return out
