"""Every page of every form can be scanned: printed coarsely, laid askew, in poor light, and as the copy of a copy.

The pipeline stands in `tests/unit/forms/copier.py` and is not tuned to the pages. At 200 dots an inch and above at least
one code of every page reads, always, and none reads as anything else. In CI the copies are made of a seeded share of the
pages; `--long` takes all of them and prints the rates.
"""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Iterator

import pytest

from desktop.forms import catalogue, codes
from desktop.forms.model import FormModel
from localdb.labels import BandJob, LabelJob, shipped
from tests.conftest import LONG
from tests.unit.forms import copier, paper

DPIS = (150, 200, 300)
KINDS = ("filled", "blank")
# The share of the pages that is seen in each way; all of them at 200 dots an inch as they were printed.
SHARE = {"clean": 0.3, "skew 3°": 0.2, "noise": 0.2, "copy 5": 0.1} if not LONG else {}


def sheets(code: str) -> Iterator[tuple[str, FormModel]]:
    yield "filled", paper.filled(code)
    yield "blank", paper.model(code)


def own(code: str, model: FormModel) -> set[str]:
    """What the codes of a page say."""
    return {model.serial, codes.page_code(code, model.serial, model.key)}


def seed_of(*parts: object) -> int:
    return zlib.crc32(repr(parts).encode())


def read(code: str, kind: str, model: FormModel, ways: tuple[str, ...]) -> tuple[Counter[str], Counter[str], list[str]]:
    """(pages seen, pages of which a code read, each "<dpi> <way>"; what is wrong)."""
    made = catalogue.render_pack([(code, model)])
    seen: Counter[str] = Counter()
    good: Counter[str] = Counter()
    wrong: list[str] = []
    for n in range(made.pages[0]):
        seed = seed_of(code, kind, n)
        for way in ways:
            taken = random.Random(f"{seed} {way}").random() < SHARE.get(way, 1)
            if not taken and way != "clean":
                continue
            copy = copier.copied(copier.page(made.pdf, n, copier.COPY_DPI), seed) if way == "copy 5" else None
            for dpi in DPIS if taken else (200,):
                image = copier.WAYS[way](made.pdf, n, dpi, seed) if copy is None else copier.seen_at(copy, dpi)
                said = copier.codes_on(image)
                seen[f"{dpi} {way}"] += 1
                good[f"{dpi} {way}"] += bool(said & own(code, model))
                if not said & own(code, model) and dpi >= 200:
                    wrong.append(f"{code} {kind} page {n + 1}: nothing read, {dpi} {way}")
                if said - own(code, model):
                    wrong.append(f"{code} {kind} page {n + 1}: misread, {dpi} {way}")
    return seen, good, wrong


_SEEN: Counter[str] = Counter()
_GOOD: Counter[str] = Counter()


@pytest.mark.parametrize("code", paper.FRAMED)
def test_every_page_has_a_code_that_reads(code: str) -> None:
    found = []
    for kind, model in sheets(code):
        seen, good, wrong = read(code, kind, model, tuple(copier.WAYS))
        _SEEN.update(seen)
        _GOOD.update(good)
        found += wrong
    assert found == []


def test_the_rates() -> None:
    """At 200 and above all; the table is printed under -s."""
    for way in copier.WAYS:
        for dpi in DPIS:
            name = f"{dpi} {way}"
            if _SEEN[name]:
                print(f"{name}: {_GOOD[name]} of {_SEEN[name]}")
                assert dpi < 200 or _GOOD[name] == _SEEN[name]


STOCKED = [("F07", name) for name in shipped().stocks] + [("F10", name) for name in shipped().bands]


@pytest.mark.parametrize(("code", "stock"), STOCKED)
@pytest.mark.parametrize("way", [w for w in copier.WAYS if w != "copy 5"])  # labels and bands are not photocopied
def test_every_label_and_band_reads(code: str, stock: str, way: str) -> None:
    job: LabelJob | BandJob
    if code == "F07":
        job = LabelJob(name=stock, stock=shipped().stocks[stock], request=paper.serial("F03", 2))
    else:
        job = BandJob(name=stock, stock=shipped().bands[stock], ods="RJC")
    model = paper.model(code, paper.chart(), label=job)
    pdf = catalogue.render(code, model)
    for dpi in (203, 300):  # those of thermal printers
        found = copier.zxingcpp.read_barcodes(copier.WAYS[way](pdf, 0, dpi, 7), formats=copier.FORMATS)
        texts = Counter(b.text for b in found if b.format == copier.zxingcpp.BarcodeFormat.DataMatrix)
        if isinstance(job, LabelJob):
            assert set(texts) <= own(code, model)
            here = min(job.labels, job.stock.each)
            assert sum(texts.values()) >= (here if way == "clean" else here * 0.9), (dpi, texts)
        else:
            band = sum(n for text, n in texts.items() if text.startswith("(8018)505089899900000183(91)RJC,H2047718"))
            assert band >= 1 and (way != "clean" or band == 2), (dpi, texts)


def test_the_check_misses_nothing_when_codes_are_too_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sabotage: codes of half the size do not outlive five copies, and the check says so."""
    from desktop.forms import sheet

    whole = sheet.Sheet._bars
    monkeypatch.setattr(
        sheet.Sheet, "_bars",
        lambda self, x, y, bars, wide, high: whole(self, x, y, bars, wide * 0.3, high * (0.3 if wide == high else 1)),
    )  # fmt: skip
    monkeypatch.setitem(SHARE, "copy 5", 1)
    assert any("nothing read" in line for line in read("F18", "filled", paper.filled("F18"), ("copy 5",))[2])
