"""Prescriptions and what was given, as the electronic prescribing system sends them.

A line of the tables: `name|form|dose|route|when|why|since|extras`, extras parted by `;`:
`brand NAME`, `tag WORDS`, `stop TIME by WHO for WHY` (suspended), `given TIME[,TIME]`, `notgiven TIME because WHY`,
`next TIME`, `none` (no administration on record), `by NAME`, `rate TEXT`, `max TEXT`.
"""

from __future__ import annotations

import re
from typing import Any

from fhir import SNOMED, Resource, concept, moved, quantity, reference, resource, short, when
from people import patient

CUT = "2026-11-24T02:38:00+00:00"
ROUTES = {
    "oral": "26643006",
    "intravenous": "47625008",
    "subcutaneous": "34206005",
    "intramuscular": "78421000",
    "inhaled": "447694001",
    "nebulised": "447694001",
    "transdermal": "45890007",
    "topical": "6064005",
    "nasal": "46713006",
    "rectal": "37161004",
    "to both eyes": "54485002",
    "sublingual": "37839007",
}
TIMES: dict[str, tuple[str, list[str]]] = {
    "od": ("once a day", ["08:00"]),
    "lunch": ("once a day", ["12:00"]),
    "od18": ("once a day", ["18:00"]),
    "od22": ("once a day", ["22:00"]),
    "nocte": ("at night", ["22:00"]),
    "bd": ("twice a day", ["08:00", "18:00"]),
    "bd12": ("twice a day", ["08:00", "20:00"]),
    "bd22": ("twice a day", ["08:00", "22:00"]),
    "tds": ("three times a day", ["08:00", "14:00", "22:00"]),
    "tds8": ("three times a day", ["06:00", "14:00", "22:00"]),
    "meals": ("three times a day with meals", ["08:00", "12:00", "17:30"]),
    "qds": ("four times a day", ["08:00", "12:00", "18:00", "22:00"]),
    "qds6": ("four times a day", ["00:00", "06:00", "12:00", "18:00"]),
    "five": ("five times a day", ["07:00", "10:00", "13:00", "16:00", "19:00"]),
    "weekly": ("once a week, Mondays", ["08:00"]),
}


def _extras(text: str) -> dict[str, str]:
    out = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        word, _, rest = part.partition(" ")
        out[word] = rest
    return out


class Line:
    """One line of the table, parted."""

    def __init__(self, person: dict[str, Any], n: int, text: str) -> None:
        parts = text.split("|") + [""]
        self.name, self.form, self.dose, self.route, self.freq, self.why, self.since = parts[:7]
        self.extras = _extras(parts[7])
        self.person, self.key = person, f"{person['mrn']}-rx-{n}"
        self.text = f"{self.name} {self.extras['brand']}" if "brand" in self.extras else self.name
        self.if_needed = self.freq.startswith("prn")
        words, self.clock = TIMES.get(self.freq, ("", []))
        if self.freq == "stat":
            words = "once only"
        elif self.if_needed:
            words = f"if needed, {self.freq[4:]}"
        elif self.freq == "run":
            words = self.extras.get("rate", "running")
        elif not words:
            words, _, clock = self.freq.partition("@")
            self.clock = clock.split(",") if clock else []
        self.words = words

    def due(self, day: str) -> list[str]:
        """The instants at which a dose is due on that day of November."""
        return [when(f"{day} {clock}") for clock in self.clock]

    def amount(self) -> Resource | None:
        """The dose as a Quantity where it is one number and a unit."""
        match = re.fullmatch(r"([0-9.]+) (\S+)", self.dose.replace(",", ""))
        return quantity(match[1], match[2], "") if match else None


def _dosage(line: Line) -> Resource:
    clock = ", ".join(line.clock)
    text = " ".join(filter(None, [line.dose, line.route, line.words])) + (f", {clock}" if clock else "")
    timing: Resource = {}
    following = _next(line)
    if following:
        timing["event"] = [following]
    if line.clock and line.freq in TIMES and line.freq != "weekly":
        repeat = {"frequency": len(line.clock), "period": 1, "periodUnit": "d"}
        timing["repeat"] = repeat | {"timeOfDay": [f"{one}:00" for one in line.clock]}
    timing["code"] = {"text": line.words + (f", {clock}" if clock else "")}
    out: Resource = {"text": text}
    more = [line.form] + [line.extras[word] for word in ("tag", "max") if word in line.extras]
    out["additionalInstruction"] = [{"text": one} for one in more if one]
    out["timing"] = timing
    if line.if_needed:
        out["asNeededBoolean"] = True
    if line.route:
        out["route"] = concept(line.route, (SNOMED, ROUTES[line.route], line.route))
    amount = line.amount()
    if amount:
        out["doseAndRate"] = [{"doseQuantity": amount}]
    return out


def _next(line: Line) -> str:
    if "next" in line.extras:
        return when(line.extras["next"])
    if "stop" in line.extras or line.freq == "weekly":
        return ""
    later = [at for day in ("24", "25") for at in line.due(day) if at > CUT]
    return later[0] if later else ""


def request(line: Line) -> Resource:
    """The MedicationRequest of a line."""
    stop = re.fullmatch(r"(.+) by (.+) for (.+)", line.extras.get("stop", ""))
    status = "on-hold" if stop else "completed" if line.freq == "stat" and "given" in line.extras else "active"
    since = when(line.since)
    body: Resource = {"status": status}
    if stop:
        body["statusReason"] = {"text": f"suspended {when(stop[1])[8:10]}-Nov {stop[1][-5:]} for {stop[3]}, {stop[2]}"}
    body |= {"intent": "order", "medicationCodeableConcept": {"text": line.text}}
    body |= {"subject": reference("Patient", line.person["mrn"]), "authoredOn": since}
    body["requester"] = {"display": line.extras.get("by", line.person["prescriber"])}
    if line.why:
        body["reasonCode"] = [{"text": line.why}]
    body["dosageInstruction"] = [_dosage(line)]
    updated = when(stop[1]) if stop else since
    return resource("MedicationRequest", line.key, updated if "T" in updated else updated + "T12:00:00Z", **body)


def moments(line: Line) -> list[tuple[str, str]]:
    """When doses were given, with the reason for those that were not: as told, else by the clock of the last day."""
    out: list[tuple[str, str]] = []
    if "notgiven" in line.extras:
        at, why = line.extras["notgiven"].split(" because ")
        out.append((when(at), why))
    if "given" in line.extras:
        out += [(when(at.strip()), "") for at in line.extras["given"].split(",")]
    elif "none" not in line.extras and "stop" not in line.extras and line.freq != "weekly":
        taken = {at[:13] for at, _ in out}
        due = [at for day in ("23", "24") for at in line.due(day)]
        since = when(line.since)
        late = line.person["random"]
        for at in due:
            actual = moved(at, late.choice((-5, 2, 5, 5, 10, 15, 20, 25)))
            end = when(line.person["died"]) if "died" in line.person else CUT
            arrived = when(line.person["admitted"])
            if max(since, arrived) <= at and actual < end and not any(abs_hours(at, one) < 2 for one in taken):
                out.append((actual, ""))
    return sorted(out)


def abs_hours(instant: str, hour: str) -> int:
    """Hours between an instant and the hour of another on the same day; 99 on different days."""
    return abs(int(instant[11:13]) - int(hour[11:13])) if instant[:10] == hour[:10] else 99


def administration(line: Line, at: str, why: str, nurse: str) -> Resource:
    """One MedicationAdministration of a line; `why` not, where it was not given."""
    running = line.freq == "run" and not why
    body: Resource = {"status": "not-done" if why else "in-progress" if running else "completed"}
    if why:
        body["statusReason"] = [{"text": why}]
    body |= {"medicationCodeableConcept": {"text": line.text}, "subject": reference("Patient", line.person["mrn"])}
    body |= {"effectiveDateTime": at} if not running else {"effectivePeriod": {"start": at}}
    body |= {"performer": [{"actor": {"display": nurse}}], "request": reference("MedicationRequest", line.key)}
    dosage: Resource = {"text": f"{line.dose} {line.route}".strip()}
    if line.route:
        dosage["route"] = concept(line.route, (SNOMED, ROUTES[line.route], line.route))
    amount = line.amount()
    if amount and not why:
        dosage["dose"] = amount
    key = f"{line.key.replace('-rx-', '-given-')}-{short(at)}"
    return resource("MedicationAdministration", key, moved(at, 1), **body, dosage=dosage)


def ward(hospital: dict[str, Any], patients: list[dict[str, Any]]) -> list[Resource]:
    """Prescriptions and administrations, with their Patients."""
    out: list[Resource] = []
    for person in patients:
        if not person.get("meds"):
            continue
        out.append(patient(person, when("23 23:10")))
        person.setdefault("prescriber", hospital["prescriber"][person["team"]])
        for n, text in enumerate(person["meds"], 1):
            line = Line(person, n, text)
            out.append(request(line))
            for at, why in moments(line):
                night = at[11:13] >= "20" or at[11:13] < "08"
                nurse = person["random"].choice(hospital["nurses_night" if night else "nurses"])
                out.append(administration(line, at, why, person.get("night_nurse", nurse) if night else nurse))
    return out
