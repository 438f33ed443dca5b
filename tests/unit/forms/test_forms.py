"""Every form, filled and blank: whole, equal at each render, scannable, nothing on anything else."""

from __future__ import annotations

import shutil
import subprocess

import msgspec
import pytest

from desktop.forms import catalogue, plain
from desktop.forms.frame import A4, A4_LANDSCAPE
from desktop.forms.model import FormModel
from localdb.chart.views import Listing
from localdb.errors import InputRefused
from localdb.records.vocabulary import HumanName
from tests.unit.forms import checks, paper

CODES = paper.FRAMED
MODELS = [(code, kind) for code in CODES for kind in ("filled", "blank", "strange")]


def made(code: str, kind: str) -> FormModel:
    if kind == "blank":
        return paper.model(code)
    if kind == "strange" and catalogue.FORMS[code].takes == "patient":
        return paper.model(code, paper.chart(paper.strange_patient(), allergies=Listing("unavailable")))
    return paper.filled(code)


def size(code: str) -> tuple[float, float]:
    return A4_LANDSCAPE if catalogue.FORMS[code].size == "A4 landscape" else A4


@pytest.mark.parametrize(("code", "kind"), MODELS)
def test_a_form_says_all_its_facts_on_every_page_that_they_need(code: str, kind: str) -> None:
    model = made(code, kind)
    rendered = catalogue.render_pack([(code, model)])
    assert rendered.faults == ()
    assert checks.missing(catalogue.text_model(code, model), rendered.pdf) == []
    assert rendered.pages == (catalogue.pages_needed(code, msgspec.structs.replace(model, serial="")),)


@pytest.mark.parametrize(("code", "kind"), MODELS)
def test_no_text_stands_on_another_or_over_the_edge(code: str, kind: str) -> None:
    placed = catalogue.render_pack([(code, made(code, kind))]).placed
    assert checks.overlaps(placed) == []
    assert checks.outside(placed, size(code)) == []


@pytest.mark.parametrize(("code", "kind"), MODELS)
def test_every_barcode_scans_and_says_serial_and_page_key(code: str, kind: str) -> None:
    model = made(code, kind)
    rendered = catalogue.render_pack([(code, model)])
    halves = 2 if catalogue.FORMS[code].size == "2 A5 on A4" else 1
    wanted = [("Code128", model.serial)] * halves + [("DataMatrix", f"WL1|{code}|{model.serial}|{model.key}")] * halves
    for page in range(rendered.pages[0]):
        found = checks.barcodes(rendered.pdf, page)
        # The labels of F32 carry the code of their page once more.
        assert list(dict.fromkeys(found)) == list(dict.fromkeys(wanted)), page
        assert found == wanted or code == "F32", page


@pytest.mark.parametrize("code", CODES)
def test_the_same_facts_give_the_same_bytes(code: str) -> None:
    first = catalogue.render(code, made(code, "blank"))
    catalogue.render_pack([(c, paper.filled(c)) for c in CODES])
    assert catalogue.render(code, made(code, "filled")) != first
    assert catalogue.render(code, msgspec.structs.replace(made(code, "filled"))) == catalogue.render(
        code, made(code, "filled")
    )


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("kind", ["filled", "blank"])
def test_a_form_whose_design_fails_prints_its_facts_as_plain_text(code: str, kind: str, broken) -> None:  # type: ignore[no-untyped-def]
    model = made(code, kind)
    with broken(code):
        rendered = catalogue.render_pack([("F18", paper.filled("F18")), (code, model)])
    assert rendered.plain == ((0, 1) if code == "F18" else (1,))
    assert set(rendered.faults) == {"ZeroDivisionError"}
    alone = [f for f in catalogue.text_model(code, model) if code != "F18"]
    assert checks.missing(alone, rendered.pdf) == []
    own = checks.page_texts(rendered.pdf)[rendered.pages[0] :]
    for n, text in enumerate(own):
        assert model.serial in checks.squeezed(text)
        assert f"page {n + 1} of {len(own)}" in text
        assert plain.NOTICE.split(":")[0] in text
        if model.chart is not None:
            assert "OKONKWO, Ifeoma (Mrs)" in text


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """A design that fails halfway, after its first strokes."""
    from contextlib import contextmanager

    @contextmanager
    def breaking(code: str):  # type: ignore[no-untyped-def]
        form = catalogue.FORMS[code]

        def design(form, model):  # type: ignore[no-untyped-def]
            whole = catalogue.FORMS_AS_MADE[code].design(form, model)
            from desktop.forms.blocks import Block, Strip

            whole.pages[-1][-1].items.append((50.0, 400.0, Block((Strip(10, lambda *_: 1 / 0),))))
            return whole

        with monkeypatch.context() as patch:
            patch.setattr(catalogue, "FORMS_AS_MADE", dict(catalogue.FORMS), raising=False)
            patch.setitem(catalogue.FORMS, code, msgspec.structs.replace(form, design=design))
            yield

    return breaking


def test_copies_are_numbered_and_share_serial_and_page_count() -> None:
    pdf = catalogue.render("F02", paper.filled("F02", copies=2, copy=3))
    texts = checks.page_texts(pdf)
    assert len(texts) == 4
    assert [("copy 3" in t, "copy 4" in t) for t in texts] == [(True, False)] * 2 + [(False, True)] * 2
    halves = checks.page_texts(catalogue.render("F03", paper.filled("F03", copies=2)))
    assert [[n for n in range(1, 5) if f"copy {n}" in t] for t in halves] == [[1, 2], [3, 4]]


def test_without_a_serial_a_page_says_that_it_was_not_issued() -> None:
    pdf = catalogue.render("F02", paper.filled("F02", serial=""))
    assert all("PREVIEW, NOT ISSUED" in t for t in checks.page_texts(pdf))
    assert checks.barcodes(pdf, 0) == []


def test_a_training_print_says_so_on_every_page() -> None:
    site = msgspec.structs.replace(paper.SITE, training=True)
    for code in CODES:
        texts = checks.page_texts(catalogue.render(code, paper.filled(code, site=site)))
        assert all("TRAINING" in t for t in texts)


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(InputRefused) as caught:
        catalogue.render("F99", paper.model("F02"))
    assert caught.value.code == "form.unknown"


def test_a_census_holds_no_confidential_alert_and_no_blood_group() -> None:
    text = " ".join(checks.page_texts(catalogue.render("F01", paper.filled("F01"))))
    assert "Side room: MRSA" in text
    assert "Safeguarding" not in text
    assert "Marked by the source" not in text
    assert "RhD" not in text
    assert "empty" in text
    assert "closed: deep clean" in text


def test_a_summary_counts_confidential_items_and_names_none() -> None:
    text = " ".join(checks.page_texts(catalogue.render("F02", paper.filled("F02"))))
    assert "1 restricted, not printed" in text
    assert "Safeguarding" not in text


def test_a_very_long_name_grows_the_block_and_breaks_no_word() -> None:
    name = HumanName(
        "Wolfeschlegelsteinhausenbergerdorff Featherstonehaugh", ("Hubert Blaine Adolph", "Charles"), ("Sir",)
    )
    model = paper.model("F02", paper.chart(paper.patient(name=name)))
    rendered = catalogue.render_pack([("F02", model)])
    assert checks.missing(["WOLFESCHLEGELSTEINHAUSENBERGERDORFF", "FEATHERSTONEHAUGH, Hubert Blaine Adolph Charles (Sir)"],
                          rendered.pdf) == []  # fmt: skip
    words = {w for p in rendered.placed for w in p.text.split()}
    assert "WOLFESCHLEGELSTEINHAUSENBERGERDORFF" in words
    assert checks.overlaps(rendered.placed) == []


@pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler-utils is not installed here; check.sh asks for it"
)
def test_another_reader_of_the_file_finds_serial_name_and_number() -> None:
    model = paper.filled("F02")
    made_ = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], check=True, input=catalogue.render("F02", model), capture_output=True
    )
    text = made_.stdout.decode()
    assert model.serial in text
    assert "OKONKWO, Ifeoma (Mrs)" in text
    assert "999 000 0018" in text


def test_a_blood_group_is_never_printed_without_its_caption() -> None:
    model = paper.model("F02", paper.chart(results=(paper.result("ABO group", "883-9", "O"),)))
    assert "HISTORICAL, NOT FOR ISSUE OF BLOOD" in " ".join(checks.page_texts(catalogue.render("F02", model)))
    assert "ABO group" not in " ".join(checks.page_texts(catalogue.render("F03", model)))


def test_a_census_says_that_a_resuscitation_decision_is_held_and_not_what_it_is() -> None:
    census = paper.census(1)
    alert = paper.Alert(**paper.ids(), text="DNACPR, front of notes", status="active")
    row = msgspec.structs.replace(census.rows[0], alerts=(alert,))
    model = paper.model("F01", msgspec.structs.replace(census, rows=(row,)))
    text = " ".join(checks.page_texts(catalogue.render("F01", model)))
    assert "HELD" in text
    assert "DNACPR" not in text
