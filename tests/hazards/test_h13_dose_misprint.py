"""H13: no dose, unit or name is clipped, run together or lost. The text of the page equals the model; what is too long
gets a new line, row or page.

Seeded fuzz of the longest and strangest names and doses through every form. Sabotage: a renderer that cuts what does not
fit.
"""

from __future__ import annotations

import random

import msgspec
import pytest

from desktop.forms import blocks, catalogue, identity
from desktop.forms.bidi import needs_order
from desktop.forms.frame import A4
from desktop.forms.model import FormModel
from desktop.forms.type import Line, width, wrap
from localdb.records.vocabulary import Allergy, Contact, HumanName, Medicine, Record
from tests.conftest import LONG
from tests.unit.forms import checks, paper

ROUNDS = 120 if LONG else 12
DRUGS = [
    "sodium zirconium cyclosilicate LOKELMA",
    "co-amoxiclav",
    "hydroxychloroquine sulfate",
    "ipratropium bromide/salbutamol",
    "trimethoprim-sulfamethoxazole (double strength) oral suspension",
    "insulin glargine 300 units per mL TOUJEO DoubleStar",
    "pneumonoultramicroscopicsilicovolcanoconiosis-directed-monoclonal-antibody-fragment",
    "µ-opioid ½ Ω",
]
DOSES = [
    "0.5 mg",
    "1,000 micrograms",
    "500 nanograms per kg per min",
    "14 units",
    "2.5 mg in 2.5 mL",
    "10 mL of 10 %",
    "1.25 mg",
    "62.5 micrograms",
    "loading 1,200 mg over 60 min, then 600 mg every 12 hours adjusted to trough level 10-20 mg per L, as advised",
]
ROUTES = [
    "oral",
    "intravenous",
    "subcutaneous infusion by syringe driver",
    "via percutaneous endoscopic gastrostomy tube",
]
OFTEN = ["once a day", "every 36 hours for 4 doses, then once a week on Thursday", "twice a day at 08:00 and 20:00"]
LETTERS = "abcdefghijklmnopqrstuvwxyzÅÄÖßØřšžłñçÉğışΩЖчیمحمدשלוםकमल李王김박สม'’- "


def word(chosen: random.Random, least: int, most: int) -> str:
    return "".join(chosen.choice(LETTERS) for _ in range(chosen.randint(least, most))).strip() or "x"


def strange(seed: int) -> FormModel:
    chosen = random.Random(seed)
    name = HumanName(
        word(chosen, 1, 70), tuple(word(chosen, 1, 40) for _ in range(chosen.randint(0, 4))), (word(chosen, 2, 12),)
    )
    who = paper.patient(
        name=name,
        mrn=f"{chosen.getrandbits(200):X}"[: chosen.randint(6, 30)],
        reason=" ".join(word(chosen, 2, 14) for _ in range(chosen.randint(1, 60))),
        contacts=(Contact(word(chosen, 4, 60), "son", ("07700 900123",)),),
        ward=word(chosen, 3, 50),
    )
    medicines: tuple[Record, ...] = tuple(
        Medicine(
            **paper.ids(), text=chosen.choice(DRUGS), dose=chosen.choice(DOSES), route=chosen.choice(ROUTES),
            frequency=chosen.choice(OFTEN), status="active", reason=word(chosen, 3, 40),
            instructions=word(chosen, 5, 120),
        )
        for _ in range(chosen.randint(1, 45))
    )  # fmt: skip
    allergies: tuple[Record, ...] = tuple(
        Allergy(**paper.ids(), text=word(chosen, 3, 60), clinical="active", reactions=(word(chosen, 3, 80),))
        for _ in range(chosen.randint(1, 14))
    )
    phoned = tuple(paper.phoned(test=word(chosen, 3, 60), value="0.5") for _ in range(chosen.randint(1, 14)))
    chart = paper.chart(who, medicines=medicines, allergies=allergies)
    code = chosen.choice([c for c in paper.FRAMED if catalogue.FORMS[c].takes == "patient"] + ["F02", "F02"])
    return paper.model(code, msgspec.structs.replace(chart, phoned=phoned))


def code_of(model: FormModel) -> str:
    return next(c for c in catalogue.FORMS if c in model.serial)


def faults(model: FormModel) -> list[str]:
    code = code_of(model)
    made = catalogue.render_pack([(code, model)])
    found = [f"design failed: {f}" for f in made.faults]
    facts = catalogue.text_model(code, model)
    # Readers of PDF differ in the order of right-to-left words: those are compared with what was drawn.
    found += [f"not drawn: {t}" for t in checks.not_drawn(facts, made.placed)]
    found += [f"not on the page: {t}" for t in checks.missing((t for t in facts if not needs_order(t)), made.pdf)]
    found += [f"one on another: {a} / {b}" for a, b in checks.overlaps(made.placed)]
    return found + [f"over the edge: {t}" for t in checks.outside(made.placed, A4)]


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_page_says_what_the_model_says(seed: int) -> None:
    assert faults(strange(seed)) == []


def test_doses_keep_their_zeros_commas_and_words() -> None:
    """0.5 is not .5 nor 5; 1,000 keeps its comma; micrograms stay a word; dose and unit share a line."""
    items = tuple(paper.medicine(f"drug {n}", dose, "oral", "once a day") for n, dose in enumerate(DOSES))
    model = paper.model("F02", paper.chart(medicines=items))
    placed = [p.text for p in catalogue.render_pack([("F02", model)]).placed]
    for dose in (d for d in DOSES if len(d) < 40):
        assert any(dose in text.replace("\u00a0", " ") for text in placed), dose


def test_ninety_medicines_make_more_pages_and_lose_none() -> None:
    items = tuple(paper.medicine(f"drug {n}", f"{n}.5 mg", "oral", "once a day") for n in range(90))
    model = paper.model("F02", paper.chart(medicines=items))
    assert faults(model) == []
    assert catalogue.pages_needed("F02", model) > 3


@pytest.fixture
def cutting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A renderer that cuts what does not fit on one line."""

    def cut(spans, room, hanging=0):  # type: ignore[no-untyped-def]
        made = wrap(spans, 10_000)
        lines = []
        for line in made[:1]:
            kept = []
            for text, style in line.spans:
                while text and sum(width(t, s) for t, s in kept) + width(text, style) > room:
                    text = text[:-1]
                kept.append((text, style))
            lines.append(Line(tuple(kept), room))
        return lines

    monkeypatch.setattr(blocks, "wrap", cut)
    monkeypatch.setattr(identity, "wrap", cut)


@pytest.mark.usefixtures("cutting")
def test_the_check_catches_a_renderer_that_cuts() -> None:
    found = [f for seed in range(6) for f in faults(strange(seed))]
    assert any(f.startswith("not on the page") for f in found)
