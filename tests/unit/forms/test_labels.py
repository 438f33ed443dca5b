"""Labels and wristbands: where they stand on their stock, what they say and do not say, and what a site may set."""

from __future__ import annotations

import msgspec
import pytest

from desktop.forms import catalogue, f07_labels
from desktop.forms.calibration import boxes_of, calibration_page
from desktop.forms.language import PSEUDO
from desktop.forms.sheet import MM
from desktop.forms.strokes import Box, Words
from desktop.printing import preview
from localdb.chart.gs1_band import Baby
from localdb.chart.scanning import Band, SheetCode, read_scan
from localdb.errors import HouseFault
from localdb.labels import (
    BandJob,
    BandStock,
    LabelJob,
    LabelRefused,
    read_ods,
    read_offsets,
    read_stocks,
    shipped,
)  # fmt: skip
from localdb.records.vocabulary import HumanName
from tests.unit.forms import checks, paper
from tests.unit.forms.stocks import band_model, codes_of, label_model

WHO = paper.patient()


def test_the_stocks_lie_evenly_on_their_sheet() -> None:
    """What an A4 sheet of labels leaves is the same at both sides and at both ends (makers' figures: 10.7 and 4.75 mm for
    65 a sheet, 15.15 and 7.2 for 21)."""
    for name, stock in shipped().stocks.items():
        right, low = stock.corner(stock.each - 1)
        assert stock.first[0] == pytest.approx(stock.page[0] - right - stock.label[0], abs=0.06), name
        assert stock.first[1] == pytest.approx(stock.page[1] - low - stock.label[1], abs=0.06), name
    assert shipped().stocks["L7651"].first == (4.75, 10.7)


@pytest.mark.parametrize(("start", "count", "pages"), [(1, 0, 1), (5, 3, 1), (20, 3, 2), (21, 1, 1), (21, 22, 2)])
def test_a_part_used_sheet_goes_on_at_its_first_free_label(start: int, count: int, pages: int) -> None:
    stock = shipped().stocks["L7160"]
    job = LabelJob(name="L7160", stock=stock, start=start, count=count)
    made = catalogue.render_pack([("F07", paper.model("F07", paper.chart(), label=job))])
    assert made.pages == (pages,)
    names = [p for p in made.placed if p.text.startswith("OKONKWO")]
    assert len(names) == (count or 22 - start)
    x, y = stock.corner(start - 1)
    assert (names[0].left, names[0].top) == pytest.approx((x * MM + 4.5, y * MM + 4.5), abs=4)
    assert names[-1].page == pages


@pytest.mark.parametrize(("start", "count"), [(0, 1), (22, 1), (1, 501), (1, -1)])
def test_a_label_that_is_not_on_the_sheet_is_refused(start: int, count: int) -> None:
    job = LabelJob(name="L7160", stock=shipped().stocks["L7160"], start=start, count=count)
    with pytest.raises(LabelRefused) as refused:
        catalogue.pages_needed("F07", paper.model("F07", paper.chart(), label=job))
    assert refused.value.code == "label.start"


@pytest.mark.parametrize("code", ["F07", "F10"])
def test_an_offset_moves_everything_and_nothing_else(code: str) -> None:
    def placed(offset: tuple[int, int]) -> list[tuple[float, float, str]]:
        model = label_model(WHO, "L7160") if code == "F07" else band_model(WHO, "adult")
        model = msgspec.structs.replace(model, label=msgspec.structs.replace(model.label, offset=offset))
        return [(p.left, p.top, p.text) for p in catalogue.render_pack([(code, model)]).placed]

    for here, there in zip(placed((0, 0)), placed((13, -7)), strict=True):
        assert there == (pytest.approx(here[0] + 1.3 * MM), pytest.approx(here[1] - 0.7 * MM), here[2])


def test_a_stock_is_for_its_own_form() -> None:
    band, label = BandJob(name="a", stock=shipped().bands["adult"]), LabelJob(name="b", stock=shipped().stocks["L7160"])
    for code, job in (("F07", band), ("F10", label)):
        with pytest.raises(LabelRefused):
            catalogue.render(code, paper.model(code, paper.chart(), label=job))


def test_labels_and_bands_have_no_plain_print(monkeypatch: pytest.MonkeyPatch) -> None:
    for code in ("F07", "F10"):
        form = catalogue.FORMS[code]
        monkeypatch.setitem(catalogue.FORMS, code, msgspec.structs.replace(form, design=lambda form, model: 1 / 0))
        with pytest.raises(HouseFault) as failed:
            catalogue.render(code, paper.model(code, paper.chart()))
        assert failed.value.code == "label.failed"
        with pytest.raises(ZeroDivisionError):
            catalogue.pages_needed(code, paper.model(code, paper.chart()))


@pytest.mark.parametrize("stock", list(shipped().stocks))
def test_every_label_of_a_sheet_scans_to_its_sheet(stock: str) -> None:
    model = label_model(WHO, stock)
    found = [read_scan(t) for t in codes_of(catalogue.render("F07", model)) if t != WHO.mrn]
    assert len(found) == model.label.labels if not shipped().stocks[stock].is_roll else 1  # type: ignore[union-attr]
    for scan in found:
        assert isinstance(scan, SheetCode)
        assert scan.serial == model.serial
        assert scan.key in (WHO.id, "")


@pytest.mark.parametrize("stock", list(shipped().bands))
def test_a_band_scans_as_its_patient_twice_and_its_receipt_as_the_sheet(stock: str) -> None:
    model = band_model(WHO, stock)
    found = [read_scan(t) for t in codes_of(catalogue.render("F10", model))]
    bands = [s for s in found if isinstance(s, Band)]
    assert len(bands) == 2
    assert {(b.nhs, b.mrn, b.family, b.given, b.born) for b in bands} == {
        ("9990000018", "H2047718", "Okonkwo", "Ifeoma", "1951-03-14")
    }
    assert [s.serial for s in found if isinstance(s, SheetCode)] == [model.serial]


def text_of(code: str, model: object) -> str:
    return " ".join(" ".join(checks.page_texts(catalogue.render(code, model))).split())  # type: ignore[arg-type]


@pytest.mark.parametrize("stock", list(shipped().bands))
def test_a_band_says_four_identifiers_and_nothing_else_of_the_chart(stock: str) -> None:
    chart = paper.chart(
        paper.patient(ward="Ash Ward", preferred="Ify"), results=(paper.result("ABO group", "883-9", "O"),)
    )
    job = BandJob(name=stock, stock=shipped().bands[stock], ods="RJC")
    text = text_of("F10", paper.model("F10", chart, label=job))
    assert "OKONKWO Ifeoma Born 14-Mar-1951 NHS No. 999 000 0018" in text
    for word in (
        "Penicillin",
        "ReSPECT",
        "Falls",
        "Safeguarding",
        "ABO",
        "Mrs",
        "Ify",
        "Ash",
        "Female",
        "75y",
        "H2047718",
    ):
        assert word not in text


@pytest.mark.parametrize("verified", [False, None])
def test_a_band_leaves_an_unverified_number_blank_and_has_the_hospital_number(verified: bool | None) -> None:
    for stock in shipped().bands:
        model = band_model(paper.patient(nhs_verified=verified), stock)
        text = text_of("F10", model)
        assert "0018" not in text
        assert "Hosp. No. H2047718" in text
        assert "H2047718" in codes_of(catalogue.render("F10", model)) or stock != "adult"


def test_a_temporary_patient_has_a_code_128_of_the_number() -> None:
    who = paper.patient(nhs=None, nhs_verified=None, mrn="RPH4830172W", born=paper.at("1986"), born_estimated=True)
    for stock in shipped().bands:
        typed = codes_of(catalogue.render("F10", band_model(who, stock)))
        assert "RPH4830172W" in typed
        bands = [s for s in map(read_scan, typed) if isinstance(s, Band) and s.family]
        assert [b.mrn for b in bands] == ["RPH4830172W"] * 2
        assert all(not b.nhs for b in bands)


def test_a_newborn_s_band_holds_the_mother_and_reads_back() -> None:
    who = paper.patient(nhs=None, nhs_verified=None, born=paper.at("2026-11-23T20:05:00+00:00"))
    baby = Baby(n=2, of=2, family="Okonkwo", given="Adaeze")
    job = BandJob(name="neonate", stock=shipped().bands["neonate"], ods="RJC", baby=baby)
    typed = codes_of(catalogue.render("F10", paper.model("F10", paper.chart(who), label=job)))
    bands = [s for s in map(read_scan, typed) if isinstance(s, Band) and s.family]
    assert {(b.baby, b.babies, b.mother, b.born_time) for b in bands} == {("2", "2", "Okonkwo, Adaeze", "20:05")}
    with pytest.raises(LabelRefused) as refused:
        catalogue.render("F10", paper.model("F10", paper.chart(), label=job))
    assert refused.value.code == "label.baby"


def test_training_is_said_on_every_label_and_band() -> None:
    site = msgspec.structs.replace(paper.SITE, training=True)
    for code, model in (("F07", label_model(WHO, "L7160")), ("F10", band_model(WHO, "adult"))):
        assert "TRAINING" in text_of(code, msgspec.structs.replace(model, site=site))


@pytest.mark.parametrize("stock", ["L7160", "R89x36", "R101x54"])
def test_marks_over_a_capital_do_not_run_into_the_bar_above(stock: str) -> None:
    """The marks of Ễ reach 1.103 of the size above the line (IBM Plex Sans Bold: 1103 of 1000 units)."""
    model = label_model(paper.patient(name=HumanName("Nguyễn", ("An",))), stock, alike=True)
    strokes = f07_labels.LabelSheet(model).strokes
    bar = next(s for s in strokes if isinstance(s, Box))
    name = next(s for s in strokes if isinstance(s, Words) and s.text.startswith("NGUYỄN"))
    assert name.y - name.spans[0][1].size * 1.103 >= bar.y + bar.high - 0.4


def test_a_preview_has_no_code_and_says_so() -> None:
    for code, model in (("F07", label_model(WHO, "L7160")), ("F10", band_model(WHO, "adult"))):
        looked = msgspec.structs.replace(model, serial="")
        assert catalogue.pages_needed(code, looked) == catalogue.pages_needed(code, model)
        assert "NOT ISSUED" in text_of(code, looked)
        assert not [t for t in codes_of(catalogue.render(code, looked)) if t.startswith("WL1")]


def test_fixed_words_are_translated_and_a_longer_language_loses_nothing() -> None:
    site = msgspec.structs.replace(paper.SITE, language=PSEUDO)
    for code, model in (("F07", label_model(WHO, "R101x54")), ("F10", band_model(WHO, "adult"))):
        made = catalogue.render_pack([(code, msgspec.structs.replace(model, site=site))])
        text = " ".join(p.text for p in made.placed)
        assert "OKONKWO" in text and "Born ~" in text
        assert checks.overlaps(made.placed) == []


def test_a_site_s_own_stock_is_checked() -> None:
    mine = {
        "title": "Ours",
        "page": [210, 297],
        "label": [70, 40],
        "first": [0, 8],
        "pitch": [70, 40],
        "across": 3,
        "down": 7,
    }
    made = read_stocks({"default": "Ours", "stocks": {"Ours": mine}})
    assert made.stock() == ("Ours", made.stocks["Ours"])
    assert "L7160" in made.stocks
    for wrong in ({"down": 8}, {"pitch": [60, 40]}, {"label": [10, 10]}, {"across": 0}, {"first": [-2, 0]}, {"colour": 1},
                  {"label": "big"}, {"label": [float("nan"), 40]}, {"page": [float("inf"), 297]}):  # fmt: skip
        with pytest.raises(LabelRefused):
            read_stocks({"stocks": {"Ours": {**mine, **wrong}}})
    for wrong_band in ({"strip": [0, 0, 300, 20]}, {"receipt": [50, 2, 60, 20]}, {"strip": [0, 0, 10, 20]}):
        band = {"title": "B", "page": [279, 25.4], "strip": [45, 2, 140, 21], "receipt": [196, 2, 78, 21], **wrong_band}
        with pytest.raises(LabelRefused):
            read_stocks({"bands": {"B": band}})
    for given in ({"default": "none"}, {"stocks": {"../x": mine}}, {"stocks": 3}, {"more": 1}):
        with pytest.raises(LabelRefused):
            read_stocks(given)


def test_offsets_and_ods_codes_are_checked() -> None:
    assert read_offsets({"HP": {"L7160": [3, -2]}}) == {"HP": {"L7160": (3, -2)}}
    assert read_ods("rjc") == "RJC"
    for wrong in ({"HP": {"L7160": [101, 0]}}, {"HP": 3}, {"HP": {"L7160": [1]}}):
        with pytest.raises(LabelRefused):
            read_offsets(wrong)
    for ods in ("RJ", "RJC,1", "RJC1234"):
        with pytest.raises(LabelRefused):
            read_ods(ods)


@pytest.mark.parametrize("name", [*shipped().stocks, *shipped().bands])
def test_a_calibration_page_has_the_size_of_its_stock_and_marks_what_must_hit(name: str) -> None:
    stock = shipped().stocks.get(name) or shipped().bands[name]
    pdf = calibration_page(name, stock, (3, -2), "HP 4")
    (size,) = preview.page_sizes(pdf)
    assert size == pytest.approx((stock.page[0] * MM, stock.page[1] * MM), abs=0.1)
    assert len(boxes_of(stock)) == (2 if isinstance(stock, BandStock) else stock.each)
    if not isinstance(stock, BandStock) and not stock.is_roll:
        assert "3 right, -2 down" in " ".join(checks.page_texts(pdf))
