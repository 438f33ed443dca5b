"""H13 (labels): the longest and strangest names and numbers on every stock: whole, inside the label, over nothing else, or
refused with a larger stock named.

What must stand is worked out here from the patient, not asked of the layout. Sabotage: a setting that cuts.
"""

from __future__ import annotations

import ctypes
import random
import re
from collections.abc import Sequence

import pypdfium2
import pytest

from desktop.forms import catalogue, f10_wristband, label_layout
from desktop.forms.bidi import needs_order
from desktop.forms.label_layout import name_lines
from desktop.forms.model import FormModel
from desktop.forms.sheet import MM, Placed
from localdb.chart import wording
from localdb.chart.gs1_band import verified_nhs
from localdb.chart.matching import ON_PAPER
from localdb.chart.views import PatientView
from localdb.labels import BandJob, LabelJob, LabelRefused, shipped
from localdb.records.vocabulary import HumanName
from tests.conftest import LONG
from tests.unit.forms import checks, paper
from tests.unit.forms.stocks import band_model, label_model

ROUNDS = 400 if LONG else 14
PARTS = (*paper.FAMILIES, "Wolfeschlegelsteinhausenbergerdorff", "de la Santísima Trinidad", "X", "Ng", "Абдурахмангаджи",
         "محمد عبد الرحمن", "Nwachukwu", "Featherstonehaugh-Cholmondeley", "D’Arcy, Jr.", "😀", "ﷺ")  # fmt: skip


def strange(seed: int) -> PatientView:
    chosen = random.Random(seed)
    family = " ".join(chosen.choice(PARTS) for _ in range(chosen.choice((0, 1, 1, 1, 2))))
    given = tuple(chosen.choice(PARTS) for _ in range(chosen.choice((0, 1, 1, 2, 4))))
    return paper.patient(
        id=f"P{chosen.getrandbits(60):013X}"[:14], name=HumanName(family, given),
        nhs=chosen.choice((None, paper.nhs(seed % 50), "12345", "0101806103")),
        nhs_verified=chosen.choice((True, True, False, None)),
        mrn=chosen.choice((None, f"H{chosen.randint(1, 10**7):07d}", f"{chosen.getrandbits(140):X}", "Ä-7/х")),
        gender=chosen.choice(("female", "other", "")), ward=chosen.choice(("Ash Ward", "W" * 60, "")),
        born=chosen.choice((paper.at("1951-03-14"), paper.at("1986"), None)), born_estimated=chosen.random() < 0.3,
    )  # fmt: skip


def must_stand(model: FormModel) -> list[str]:
    """What a label or band must say, from the patient alone: written anew here, not asked of the layout."""
    assert model.chart is not None
    who = model.chart.patient
    family, given = wording.clean(who.name.family).upper(), wording.clean(" ".join(who.name.given))
    name = [family, given] if family or given else [wording.NO_NAME]
    born = wording.date(who.born, "Europe/London", estimated=who.born_estimated, missing="Not Known")
    if isinstance(model.label, BandJob):
        nhs = wording.nhs_number(verified_nhs(who)) if verified_nhs(who) else ""
        other = "" if nhs and not who.nhs.startswith("01") else who.mrn or ""  # type: ignore[union-attr]
        return [t for t in (*name, born, nhs, other) if t]
    doubt = " (not verified)" if who.nhs and who.nhs_verified is False else ""
    alike = ON_PAPER.get(model.chart.alike, "")
    facts = (
        *name,
        alike,
        born,
        wording.nhs_number(who.nhs) + doubt,
        who.mrn or "Not Known",
        "NOT FOR TRANSFUSION SAMPLES",
    )
    return [t for t in facts if t]


def cells(model: FormModel) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of each label, or of strip and receipt, in points."""
    job = model.label
    if isinstance(job, BandJob):
        boxes = [job.stock.strip, job.stock.receipt]
    else:
        assert isinstance(job, LabelJob)
        boxes = [(*job.stock.corner(n), *job.stock.label) for n in range(job.stock.each)]
    return [(x * MM, y * MM, (x + w) * MM, (y + h) * MM) for x, y, w, h in boxes]


def inside(p: Placed, cell: tuple[float, float, float, float]) -> bool:
    left, top, right, low = cell
    return p.left > left - 0.6 and p.right < right + 0.6 and p.top > top - 0.6 and p.bottom < low + 0.6


def faults(code: str, model: FormModel) -> list[str]:
    made = catalogue.render_pack([(code, model)])
    found = [f"one on another: {a} / {b}" for a, b in checks.overlaps(made.placed)]
    places = cells(model)
    margin = [p for p in made.placed if p.text == model.serial and not any(inside(p, c) for c in places)]
    for p in made.placed:
        if p not in margin and not any(inside(p, c) for c in places):
            found.append(f"outside its label: {p.text}")
    for cell in places:
        here = [p for p in made.placed if p.page == 1 and inside(p, cell)]
        if not here or (code == "F10" and cell == places[1]):
            continue
        found += [f"not on the label: {t}" for t in checks.not_drawn(must_stand(model), here)]
        family = wording.clean(model.chart.patient.name.family).upper() if model.chart else ""
        lines = [p.text.replace("\u00a0", " ") for p in here]
        if family and not any(family in line for line in lines):
            found.append(f"the family name is broken: {family}")
    if model.serial not in "".join(p.text for p in made.placed):
        found.append("no serial")
    found += [f"too small: {t}" for t in small_type(made.pdf)]
    return found + [f"not in the file: {t}" for t in checks.missing(readable(model, made.placed), made.pdf)]


def readable(model: FormModel, placed: Sequence[Placed]) -> list[str]:
    """What a reader of the file must find: it turns a line with right-to-left words about, so of what stands beside them
    each word; `checks.not_drawn` looks at those lines as they were drawn."""
    turned = checks.squeezed(" ".join(p.text for p in placed if needs_order(p.text)))
    plain = [t for t in must_stand(model) if not needs_order(t)]
    beside = {t for t in plain if checks.squeezed(t) in turned}
    return [t for t in plain if t not in beside] + [w for t in beside for w in re.findall(r"\w+", checks.as_drawn(t))]


def small_type(pdf: bytes) -> list[str]:
    """Texts under 8 points."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        out = []
        for item in document[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT]):
            held = ctypes.c_float()
            pypdfium2.raw.FPDFTextObj_GetFontSize(item.raw, ctypes.byref(held))
            if held.value < 7.99:
                out.append(f"{held.value:.1f}")
        return out
    finally:
        document.close()


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_label_is_whole_or_refused(seed: int) -> None:
    who = strange(seed)
    for stock in shipped().stocks:
        model = label_model(who, stock, seed, alike=seed % 3 == 0, count=2)
        try:
            found = faults("F07", model)
        except LabelRefused as refused:
            assert refused.code == "label.too_small"
            assert "stock" in refused.next_step or "by hand" in refused.next_step
            continue
        assert found == [], stock


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_wristband_is_whole_or_refused(seed: int) -> None:
    who = strange(seed)
    for stock in shipped().bands:
        try:
            found = faults("F10", band_model(who, stock, seed))
        except LabelRefused as refused:
            assert refused.code == "label.too_small"
            continue
        assert found == [], stock


def test_the_stock_that_is_named_is_large_enough() -> None:
    named = 0
    for seed in range(ROUNDS):
        who = strange(seed)
        try:
            catalogue.render("F07", label_model(who, "L7651", seed))
        except LabelRefused as refused:
            step = refused.next_step
            if "by hand" not in step:
                stock = step.removeprefix("Use the stock ").split(" ")[0]
                assert faults("F07", label_model(who, stock, seed)) == []
                named += 1
    assert named > 1


def test_names_of_everyday_length_fit_the_usual_stocks() -> None:
    for family, given in (("Okonkwo", "Ifeoma"), ("Papadopoulos", "Konstantinos"), ("O’Brien-Smythe", "Anne-Marie")):
        who = paper.patient(name=HumanName(family, (given,)))
        for stock in set(shipped().stocks) - {"L7651"}:  # its labels hold a name of one line alone
            assert faults("F07", label_model(who, stock)) == []
        for stock in shipped().bands:
            assert faults("F10", band_model(who, stock)) == []


def test_sabotage_a_setting_that_cuts_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(family: str, given: str, size: float, room: float, most: int, comma: str = ", ") -> object:
        return name_lines(family[:12], given[:3], size, 10_000, most, comma)

    monkeypatch.setattr(label_layout, "name_lines", cut)
    monkeypatch.setattr(f10_wristband, "name_lines", cut)
    found = [f for seed in range(6) for f in faults("F07", label_model(strange(seed), "R101x54", seed))]
    assert any(f.startswith("not on the label") for f in found)
    assert any(f.startswith("the family name is broken") for f in found)
