"""H03: a print never mixes patients: each page is made from one frozen patient, whose key stands in its barcode.

The check reads every page as a person and as a scanner would. Sabotage: the identity of the sheet before is used again.
"""

from __future__ import annotations

import random

import pytest

from desktop.forms import catalogue, frame, sheet
from desktop.forms.bidi import needs_order
from desktop.forms.model import FormModel
from desktop.printing import preview
from localdb.chart import wording
from localdb.records.vocabulary import HumanName
from tests.conftest import LONG
from tests.unit.forms import checks, paper

PATIENT_FORMS = tuple(code for code in paper.FRAMED if catalogue.FORMS[code].takes == "patient")
PACKS, PEOPLE = (250, 4) if LONG else (1, 2)  # made people in each pack: a thousand in the long run


def jobs(people: int, seed: int = 3) -> list[tuple[str, FormModel]]:
    """Every patient form for each of made people, and a census between them, shuffled."""
    chosen = random.Random(seed)
    out: list[tuple[str, FormModel]] = []
    for n in range(people):
        name = HumanName(chosen.choice(paper.FAMILIES), (chosen.choice(paper.GIVEN),))
        who = paper.patient(
            id=f"P{chosen.getrandbits(60):015X}"[:14], name=name, nhs=paper.nhs(n + 40), mrn=f"H7{n:05d}"
        )
        chart = paper.chart(who)
        out += [(form, paper.model(form, chart, n=n * 100 + k)) for k, form in enumerate(PATIENT_FORMS)]
    out.append(("F01", paper.model("F01", paper.census(), n=99999)))
    chosen.shuffle(out)
    return out


def faults(pack: list[tuple[str, FormModel]]) -> list[str]:
    """What is wrong with the pages of a pack."""
    made = catalogue.render_pack(pack)
    numbers = {wording.nhs_number(m.chart.patient.nhs) for _, m in pack if m.chart}
    found: list[str] = []
    for (form, model), pdf in zip(pack, preview.split(made.pdf, made.pages), strict=True):
        facts = [t for t in catalogue.text_model(form, model) if not needs_order(t)]
        found += [f"{form}: not on its pages: {t}" for t in checks.missing(facts, pdf)]
        for page, text in enumerate(checks.page_texts(pdf)):
            bare = checks.squeezed(text)
            if model.chart is not None:
                found += _wrong_identity(form, page, bare, model, numbers)
            keys = {t for kind, t in checks.barcodes(pdf, page) if kind == "DataMatrix"}
            if keys != {f"WL1|{form}|{model.serial}|{model.key}"}:
                found.append(f"{form} page {page}: key {keys}")
            if model.serial not in bare:
                found.append(f"{form} page {page}: serial")
    return found


def _wrong_identity(form: str, page: int, bare: str, model: FormModel, numbers: set[str]) -> list[str]:
    assert model.chart is not None
    patient = model.chart.patient
    own = wording.nhs_number(patient.nhs)
    times = 2 if catalogue.FORMS[form].size == "2 A5 on A4" else 3 if form == "F32" else 1  # F32 has two labels
    out = [f"{form} page {page}: another's number"] if any(checks.squeezed(n) in bare for n in numbers - {own}) else []
    if bare.count(checks.squeezed(own)) != times or bare.count(checks.squeezed(patient.mrn or "")) != times:
        out.append(f"{form} page {page}: own number")
    return out


def test_every_page_of_a_pack_is_one_patient_s() -> None:
    for seed in range(3, 3 + PACKS):
        assert faults(jobs(PEOPLE, seed)) == [], f"seed {seed}"


def test_the_check_catches_a_page_that_reuses_another_s_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = frame.IdentityBlock
    first: list[FormModel] = []

    def stale(model: FormModel, *more: object) -> object:
        if model.chart is not None and not first:
            first.append(model)
        return honest(first[0] if first and model.chart is not None else model, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(frame, "IdentityBlock", stale)
    found = faults(jobs(2))
    assert any("another's number" in f for f in found)
    assert any("own number" in f for f in found)


def test_the_check_catches_a_barcode_of_another_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = sheet.codes.datamatrix
    seen: list[str] = []

    def stuck(text: str) -> object:
        seen.append(text)
        return honest(next(t for t in seen if len(t) == len(text)))

    monkeypatch.setattr(sheet.codes, "datamatrix", stuck)
    assert any("key" in f for f in faults(jobs(2)))
