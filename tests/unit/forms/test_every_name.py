"""Every name in the large data prints in the identity block, and is found there as text (issue 7, item 7).

In CI every name beyond plain Latin letters and a seeded sample of the others; under `WARDLAMP_LONG` all of them, the
packed 615 patients too. What no bundled font holds reads as its code point, never as an empty box, and is listed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.forms import catalogue
from desktop.forms.bidi import needs_order
from desktop.forms.type import font_of
from localdb.chart import wording
from localdb.records.vocabulary import RECORD_DECODER, HumanName, Patient
from localdb.sources.files import read_all
from tests.conftest import LONG
from tests.unit.forms import checks, paper

SAMPLE, EACH = 60, 40
# Scripts for which no font is bundled: characters of them print as `[U+….]`. Whoever needs one adds its Noto font.
WITHOUT_FONT = {
    "Georgian": "გიორგი", "Armenian": "Արամ", "Ethiopic": "አበበ", "Sinhala": "සුනිල්", "Telugu": "రాము", "Kannada": "ರವಿ",
    "Malayalam": "മനോജ്", "Khmer": "សុខា", "Lao": "ສົມ", "Burmese": "အောင်", "Tibetan": "བསྟན", "Cherokee": "ᏣᎳᎩ",
}  # fmt: skip
WITH_FONT = {
    "Latin": "Nguyễn Łukaszewicz", "Greek": "Παπαδόπουλος", "Cyrillic": "Шевченко", "Arabic": "سعيد", "Persian": "پژمان",
    "Urdu": "عالیہ", "Hebrew": "כהן", "Devanagari": "श्रीवास्तव", "Bengali": "চট্টোপাধ্যায়", "Gujarati": "પટેલ",
    "Gurmukhi": "ਸਿੰਘ", "Tamil": "சுப்பிரமணியன்", "Thai": "สมชาย", "Chinese": "张无忌", "Japanese": "山田 さくら",
    "Korean": "김민준",
}  # fmt: skip


def of_sources(folder: Path) -> set[HumanName]:
    """The names of every patient of the FHIR and HL7 v2 data, as our readers take them."""
    paths = [p for p in (folder / "fhir").iterdir() if p.name != "synthea-r4"]
    paths += [folder / "fhir" / "synthea-r4" / ("" if LONG else "sample"), folder / "hl7v2"]
    found: set[HumanName] = set()
    for reading in read_all(sorted(paths), source="names"):
        for unit in reading.units:
            told = [e[4] for e in unit.records if e[0] == "patient"] + [
                f.body for f in unit.facts if f.kind == "patient"
            ]
            for body in told:
                record = RECORD_DECODER.decode(body)
                assert isinstance(record, Patient)
                found.update(record.names)
    return found


def lost(names: list[HumanName]) -> Iterator[str]:
    """Names that are not on their page as text, or stand on something."""
    for start in range(0, len(names), EACH):
        part = names[start : start + EACH]
        jobs = [("F18", paper.model("F18", paper.chart(paper.patient(name=n)), n=k + 1)) for k, n in enumerate(part)]
        made = catalogue.render_pack(jobs)
        assert made.faults == ()
        assert checks.overlaps(made.placed) == []
        pages = 0
        for name, (_, model), count in zip(part, jobs, made.pages, strict=True):
            said = wording.display_name(name)
            own = [p for p in made.placed if pages < p.page <= pages + count]
            if checks.not_drawn([said], own):
                yield f"not drawn: {said}"
            elif not needs_order(said) and checks.missing([said], catalogue.render("F18", model)):
                yield f"not found by a reader: {said}"
            pages += count


def test_every_name_of_the_data_prints_and_is_found(data_dir: Path) -> None:
    names = of_sources(data_dir)
    assert len(names) > 500
    ordered = sorted(names, key=repr)
    odd = [n for n in ordered if not repr(n).isascii()]
    if not LONG:
        plain = [n for n in ordered if repr(n).isascii()]
        ordered = odd + random.Random(7).sample(plain, SAMPLE)
    assert odd, "names beyond ASCII are among them"
    assert list(lost(ordered)) == []


@pytest.mark.parametrize("script", WITH_FONT)
def test_a_name_in_a_script_that_has_a_font_prints_in_it(script: str) -> None:
    text = WITH_FONT[script]
    assert [c for c in text if not c.isspace() and font_of(c, "bold") is None] == []
    assert list(lost([HumanName(text, ("Ama",), ("Dr",))])) == []


@pytest.mark.parametrize("script", WITHOUT_FONT)
def test_a_name_in_a_script_without_a_font_says_its_code_points_and_loses_none(script: str) -> None:
    name = HumanName(WITHOUT_FONT[script])
    text = wording.display_name(name)
    assert any(font_of(c, "bold") is None for c in text), "there is a font now: move it to the others"
    made = catalogue.render_pack([("F18", paper.model("F18", paper.chart(paper.patient(name=name))))])
    drawn = checks.squeezed(" ".join(checks.page_texts(made.pdf)))
    for c in text:
        if font_of(c, "bold") is None and not c.isspace():
            assert f"[U+{ord(c):04X}]" in drawn, c
