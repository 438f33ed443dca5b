"""The site's own documents of the demonstration: texts as they stand in `plans/`, and one that came as a PDF."""

from __future__ import annotations

import io
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

MM = 72 / 25.4
TITLE = "Massive haemorrhage: who does what"
NOTICES = (
    "EXAMPLE OF A SITE'S PLAN. Made up for the demonstration; it is no advice.",
    "No drug and no amount is named here: your site writes its own.",
)
STEPS = (
    ("Leader of the team", "Says aloud: \"Massive haemorrhage\". Names who telephones and who runs."),
    ("Telephone", "Rings switchboard, 01632 960100, and says: massive haemorrhage, ward, bed, name of the caller."),
    ("Runner", "Goes to the blood bank with the paper request and the patient's four identifiers. Stays reachable."),
    ("Second nurse", "Takes the sample, labels the tube by hand at the patient's side, writes down every unit given."),
    ("Ward clerk", "Keeps the time sheet: who was called, when, and what they said."),
    ("Leader of the team", "Says when it is over, and rings the blood bank so that nothing more is prepared."),
)  # fmt: skip


def haemorrhage() -> bytes:
    """One A4 page; equal bytes each time."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle(TITLE)
    canvas.setAuthor("Northmoor demonstration hospital")
    canvas.setFont("Helvetica-Bold", 20)
    canvas.drawString(22 * MM, 265 * MM, TITLE)
    canvas.setFont("Helvetica-Bold", 9)
    for n, notice in enumerate(NOTICES):
        canvas.drawString(22 * MM, (257 - 5 * n) * MM, notice)
    y = 238 * MM
    for n, (who, what) in enumerate(STEPS, 1):
        canvas.rect(22 * MM, y - 5 * MM, 178 * MM, 18 * MM)
        canvas.setFont("Helvetica-Bold", 13)
        canvas.drawString(26 * MM, y + 6 * MM, f"{n}  {who}")
        canvas.setFont("Helvetica", 9.5)
        canvas.drawString(26 * MM, y - 1 * MM, what)
        y -= 22 * MM
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def documents(folder: Path) -> dict[str, bytes]:
    """File name -> bytes, from the texts in `folder`."""
    made = {f.name: f.read_bytes() for f in sorted(folder.iterdir()) if f.suffix in (".md", ".toml")}
    return {**made, "massive-haemorrhage.pdf": haemorrhage()}
