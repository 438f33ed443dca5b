"""Letters and reports that come as files: RTF, HTML, PDF of several pages, a picture; one replaced, one restricted; a
prior and a current CT, a preliminary report with an addendum, an endoscopy report as PDF. All invented.

PDF and PNG are written by hand here, so that the same text gives the same bytes under every version of every library.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from typing import Any

from fhir import HL7, LOCAL, LOINC, SNOMED, Resource, concept, reference, resource, when
from people import patient

ADDENDUM = LOCAL + "StructureDefinition/report-addendum"
ALERT = LOCAL + "StructureDefinition/report-alert"
CLINIC = ("Clinic letter", "51845-6", "Outpatient Consult note")
DISCHARGE = ("Discharge summary", "18842-5", "Discharge summary")
OPERATION = ("Operation note", "11504-8", "Surgical operation note")
TRACE = ("ECG", "11524-6", "EKG study")
SOCIAL = ("Social care referral", "57833-6", "Referral note")

_CARDIOLOGY = r"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}\fs22
{\b Cardiology clinic, Northmoor University Hospital}\par\par
Clinic date: 09-Jun-2026\par Dictated by: Dr S. Achterberg, consultant cardiologist\par\par
{\b Diagnosis}\par Permanent atrial fibrillation, rate controlled. Mild mitral regurgitation.
 Preserved left ventricular function, ejection fraction 58 %.\par\par
{\b Medicines}\par Apixaban 2.5 mg twice a day (reduced dose: age, creatinine and weight reviewed at this visit).
 Bisoprolol was stopped in 2024 because of bradycardia of 44 per minute.\par\par
{\b Plan}\par Continue apixaban. Do not restart a beta blocker without discussion with us.
 Echocardiogram in two years. Next review June 2027.\par\par
Telephone for advice: 01632 960 220\par}"""
_OLDER = """Cardiology clinic, 09-Jun-2026. DRAFT sent before the echocardiogram was seen. Ejection fraction not stated.
Apixaban 5 mg twice a day to continue."""
_HTML = """<html><head><title>Discharge summary</title><style>td {padding: 2px}</style></head><body>
<h1>Discharge summary, Ward 7, Harbourside Hospital</h1>
<p>Admitted 14-Feb-2024, discharged 19-Feb-2024.</p>
<h2>Diagnosis</h2><ul><li>Community acquired pneumonia, left lower lobe</li><li>Acute confusion, resolved</li></ul>
<h2>Medicines on discharge</h2><table><tr><th>Medicine</th><th>Dose</th><th>Change</th></tr>
<tr><td>apixaban</td><td>2.5 mg twice a day</td><td>unchanged</td></tr>
<tr><td>bisoprolol</td><td>stopped</td><td>pulse 44 per minute</td></tr></table>
<p>Reaction noted: <b>clarithromycin, long QT</b>. Please add to the record.</p>
<p>Follow-up: chest X-ray in 6 weeks &ndash; arranged.</p></body></html>"""
_RENAL = (
    """Renal clinic, Northmoor University Hospital
Seen 11-Mar-2026 by Dr Y. Castellanos, consultant nephrologist

Diagnosis: chronic kidney disease stage 3a, diabetic and hypertensive.

Creatinine has been between 118 and 131 umol/L for two years. Urine albumin to
creatinine ratio 14 mg/mmol. Blood pressure 134/76 in clinic.

Ramipril 5 mg continues. We discussed sick-day rules: metformin and ramipril
are paused during any illness with vomiting, diarrhoea or fever, and restarted
after 24 to 48 hours of normal eating and drinking.""",
    """Page 2: results seen at this visit

Potassium 4.8 mmol/L, 11-Mar-2026.
Haemoglobin 118 g/L, 11-Mar-2026. Ferritin 210 micrograms per litre.
Kidney ultrasound 12-Jan-2023: right 10.1 cm, left 10.4 cm, no hydronephrosis.

Plan: see again in ten months. Ask us before starting a non-steroidal drug.
Advice line of the renal unit: 01632 960 231, on working days.""",
)
_OGD = (
    """Endoscopy unit, Northmoor University Hospital
Gastroscopy 21-Sep-2022, Dr P. Marchetti

Indication: iron deficiency anaemia on apixaban.
Oesophagus normal. Hiatus hernia 3 cm. Gastric antrum: mild erythema, two
biopsies taken. Duodenum normal to the second part, four biopsies taken.

Conclusion: mild antral gastritis, no source of bleeding seen.
Apixaban may be restarted this evening.""",
)
_SOCIAL = """Referral to the hospital social work team. Concern raised by the ward on 22-Nov-2026.
Do not leave a copy at the bed."""
_OPERATION = """Operation note, 18-May-2019. Surgeon: Miss L. Oduya. Anaesthetist: Dr R. Fenn.

Operation: laparoscopic cholecystectomy.
Findings: thick-walled gallbladder with several stones, cystic duct not dilated.
Procedure: four ports, critical view of safety shown, duct and artery clipped and divided.
Blood loss 40 mL. No drain. Clips are MR conditional.
Difficult airway: grade 3 view, bougie used. See the anaesthetic chart."""


def pdf(pages: tuple[str, ...]) -> bytes:
    """A PDF with one page of text for each of `pages`, in Helvetica 11 pt, with a text layer."""
    objects: list[bytes] = [b"<</Type/Catalog/Pages 2 0 R>>", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for text in pages:
        lines = [line.replace("\\", "").replace("(", "\\(").replace(")", "\\)") for line in text.split("\n")]
        body = "BT /F1 11 Tf 72 760 Td 15 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
        data = body.encode("ascii")
        number = len(objects) + 1
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(data), data))
        page = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {number} 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
        )
        objects.append(page.encode())
        kids.append(f"{number + 1} 0 R")
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>".encode()
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body_bytes in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body_bytes)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))


def _wave(x: int) -> float:
    """One lead of an irregular rhythm, in mm above the line: an invented shape, no patient's."""
    at, beat = 0, 0
    while at + (length := 58 + (beat * 37) % 41) <= x:
        at, beat = at + length, beat + 1
    t = x - at
    if 18 <= t < 26:
        return (-2.0, 4.0, 11.0, 15.0, 9.0, -3.0, -4.0, -1.0)[t - 18]
    return 2.6 * math.sin((t - 36) / 18 * math.pi) if 36 <= t < 54 else 0.5 * math.sin(x / 3.1)


def strip(width: int = 900, leads: int = 3) -> bytes:
    """A picture of an ECG strip as a grey PNG: a grid of 5 mm, three leads."""
    high = 150 * leads
    rows = [bytearray(b"\xff" * width) for _ in range(high)]
    for y in range(high):
        for x in range(width):
            if x % 25 == 0 or y % 25 == 0:
                rows[y][x] = 208
    for lead in range(leads):
        last = None
        for x in range(width):
            y = 150 * lead + 95 - round(_wave(x) * (5 - lead))
            for between in range(min(y, last or y), max(y, last or y) + 2):
                if 0 <= between < high:
                    rows[between][x] = 0
            last = y
    raw = b"".join(b"\0" + bytes(row) for row in rows)
    head = struct.pack(">IIBBBBB", width, high, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def _letter(
    person: dict[str, Any], name: str, at: str, kind: tuple[str, str, str], title: str, author: str, media: str,
    data: bytes, specialty: str = "", **more: Any,
) -> Resource:  # fmt: skip
    attachment = {"contentType": media, "data": base64.b64encode(data).decode(), "title": title, "size": len(data)}
    context = {"practiceSetting": {"text": specialty}} if specialty else {}
    status = more.pop("status", "current")
    return resource(
        "DocumentReference", f"{person['mrn']}-file-{name}", when(at), restricted=more.pop("restricted", False),
        status=status, docStatus="final", type_=concept(kind[0], (LOINC, kind[1], kind[2])),
        subject=reference("Patient", person["mrn"]), date=when(at), author=[{"display": author}],
        content=[{"attachment": attachment}], context=context or None, **more,
    )  # fmt: skip


def letters(patients: list[dict[str, Any]]) -> list[Resource]:
    """Letters that came as files, of the star and of the patient with a safeguarding concern; with their Patients."""
    star = next(p for p in patients if p["bed"] == "A1")
    cardiologist = "Dr S. Achterberg, consultant cardiologist"
    first = _letter(star, "cardiology-1", "2026-06-10 09:05", CLINIC, "Cardiology clinic letter", cardiologist,
                    "text/plain", _OLDER.encode(), "Cardiology", status="superseded")  # fmt: skip
    earlier = [{"code": "replaces", "target": reference("DocumentReference", first["id"])}]
    out = [
        patient(star, when("23 20:00")),
        first,
        _letter(star, "cardiology-2", "2026-06-16 11:40", CLINIC, "Cardiology clinic letter", cardiologist, "text/rtf",
                _CARDIOLOGY.encode("cp1252"), "Cardiology", relatesTo=earlier),
        _letter(star, "renal", "2026-03-11 15:30", CLINIC, "Renal clinic letter, spring",
                "Dr Y. Castellanos, consultant nephrologist", "application/pdf", pdf(_RENAL), "Renal medicine"),
        _letter(star, "harbourside", "2024-02-19 17:10", DISCHARGE, "Discharge summary, Harbourside Hospital",
                "Dr N. Ibsen, foundation doctor", "text/html", _HTML.encode(), "General medicine"),
        _letter(star, "ecg", "23 19:25", TRACE, "ECG strip, ward machine", "J. Mensah, staff nurse", "image/png",
                strip(), "Cardiology"),
        _letter(star, "operation", "2019-05-18 16:20", OPERATION, "Laparoscopic cholecystectomy",
                "Miss L. Oduya, consultant surgeon", "text/plain; charset=utf-8", _OPERATION.encode(), "General surgery"),
    ]  # fmt: skip
    for person in patients:
        if any(alert.startswith("SAFEGUARDING") for alert in person.get("alerts", [])):
            out += [
                patient(person, when("23 20:00")),
                _letter(person, "social", "22 14:30", SOCIAL, "Referral to social work", "T. Lindqvist, ward manager",
                        "text/plain", _SOCIAL.encode(), "Social care", restricted=True),
            ]  # fmt: skip
    return out


def _report(
    person: dict[str, Any], name: str, exam: str, category: tuple[str, str], at: str, said: str, by: str, **more: Any
) -> Resource:
    text, file = more.pop("text", ""), more.pop("file", b"")
    form: Resource = {"title": exam}
    if text:
        form |= {"contentType": "text/plain; charset=utf-8", "data": base64.b64encode(text.encode()).decode()}
    elif file:
        form |= {"contentType": "application/pdf", "data": base64.b64encode(file).decode()}
    accession = more.pop("accession", "")
    kind = {"coding": [{"system": HL7 + "v2-0203", "code": "ACSN", "display": "Accession ID"}]}
    return resource(
        "DiagnosticReport", f"{person['mrn']}-outside-{name}", when(said), identifier=[{"type": kind, "value": accession}]
        if accession else None, status=more.pop("status", "final"),
        category=[concept(category[1], (HL7 + "v2-0074", category[0], category[1]))],
        code=concept(exam, (SNOMED, more.pop("snomed", ""), exam)), subject=reference("Patient", person["mrn"]),
        effectiveDateTime=when(at), issued=when(said), resultsInterpreter=[{"display": by}],
        presentedForm=[form] if text or file else None, **more,
    )  # fmt: skip


def reports(patients: list[dict[str, Any]]) -> list[Resource]:
    """A prior and a current CT, a preliminary ultrasound with an addendum, an echocardiogram, a gastroscopy as PDF."""
    star = next(p for p in patients if p["bed"] == "A1")
    prior = """CT chest with contrast.
Right lower lobe: solid nodule, 7 mm (series 3, image 118). No other nodule.
No enlarged nodes. Mild emphysema in both upper lobes.
Coronary calcification. Liver cyst, 12 x 9 mm, unchanged since 2021."""
    current = """CT chest with contrast. Compared with 04-Feb-2026.
Right lower lobe: the solid nodule now measures 7 mm (series 3, image 121), unchanged.
No new nodule. No enlarged nodes. Emphysema unchanged.
Liver cyst, 12 x 9 mm, unchanged."""
    kidneys = """Right kidney 10.0 cm, left kidney 10.3 cm. No hydronephrosis on either side.
Bladder volume 60 mL. Technically limited by bowel gas."""
    addendum = """ADDENDUM 24-Nov-2026 00:40, Dr M. Osei
Left renal cyst 14 x 11 mm seen on review, simple.
Still awaiting consultant review."""
    return [
        patient(star, when("23 20:00")),
        _report(star, "ct-1", "CT chest", ("CT", "CAT Scan"), "2026-02-04 10:15", "2026-02-04 16:48", "Dr H. Abara",
                accession="NUH26-014820", text=prior, snomed="169069000",
                conclusion="Solid nodule of 7 mm, right lower lobe. CT in 6 months advised.",
                extension=[{"url": ALERT, "valueString": "AMBER: follow-up imaging advised"}]),
        _report(star, "ct-2", "CT chest", ("CT", "CAT Scan"), "2026-08-06 09:40", "2026-08-06 13:05", "Dr K. Weatherby",
                accession="NUH26-078233", text=current, snomed="169069000",
                conclusion="Nodule unchanged over 6 months. CT in 12 months."),
        _report(star, "us", "Ultrasound, kidneys", ("US", "Ultrasound"), "23 21:55", "23 22:40",
                "Dr M. Osei, registrar", accession="NUH26-118230", status="preliminary", text=kidneys,
                conclusion="No hydronephrosis.", extension=[{"url": ADDENDUM, "valueString": addendum}]),
        _report(star, "echo", "Echocardiogram", ("CUS", "Cardiac Ultrasound"), "2026-06-09 09:10", "2026-06-12 12:00",
                "Dr S. Achterberg", text="Ejection fraction 58 %. Left atrium 45 mm, dilated.\nMild mitral regurgitation. "
                "Right ventricle normal.", conclusion="Preserved function, dilated left atrium."),
        _report(star, "ogd", "Gastroscopy", ("EN", "Endoscopy"), "2022-09-21 11:00", "2022-09-21 12:30",
                "Dr P. Marchetti", file=pdf(_OGD)),
    ]  # fmt: skip
