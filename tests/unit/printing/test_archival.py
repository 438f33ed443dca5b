"""The archive's clauses, each kept and each found when it is broken; a sealed file opens with its words and no others.

veraPDF is not to be had here: `findings` and these tests stand for it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pikepdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from desktop.forms import catalogue
from desktop.printing.archival import Finding, WeakWords, archival, check_words, findings, sealed, srgb_profile
from tests.unit.forms import checks, paper

AT = datetime(2026, 11, 24, 3, 14, 5, tzinfo=UTC)
WORDS = b"lamp river candle seventy"
FORMS = sorted(catalogue.FORMS)


def drawn(code: str) -> bytes:
    return catalogue.render(code, paper.model(code))


@pytest.fixture(scope="module")
def kept() -> bytes:
    return archival(catalogue.render("F02", paper.filled("F02")), "W07AF02000015", AT)


@pytest.mark.parametrize("code", FORMS)
def test_every_form_goes_into_the_archive_with_all_its_words(code: str) -> None:
    pdf = drawn(code)
    made = archival(pdf, "W07A", AT)
    assert findings(made) == ()
    assert findings(pdf) != (), "as drawn it is no archival file"
    assert checks.page_texts(made) == checks.page_texts(pdf)
    assert archival(pdf, "W07A", AT) == made, "equal pages make equal bytes"


def test_the_pages_look_the_same(kept: bytes) -> None:
    def picture(pdf: bytes) -> bytes:
        return bytes(pypdfium2.PdfDocument(pdf)[0].render(scale=1).buffer)

    assert picture(kept) == picture(catalogue.render("F02", paper.filled("F02")))


def test_information_and_metadata_say_the_same_and_no_patient(kept: bytes) -> None:
    with pikepdf.open(io.BytesIO(kept)) as document:
        assert str(document.docinfo["/Title"]) == "W07AF02000015"
        assert str(document.docinfo["/CreationDate"]) == "D:20261124031405+00'00"
        with document.open_metadata() as xmp:
            assert xmp["xmp:CreateDate"] == "2026-11-24T03:14:05+00:00"
            assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("2", "B")
            assert "Okonkwo" not in str(xmp)
            assert "OKONKWO" not in str(xmp)


def test_fonts_hold_one_character_map_as_symbol_fonts_must(kept: bytes) -> None:
    """ISO 19005-2, 6.2.11.6, read from the font programs themselves."""
    seen = 0
    with pikepdf.open(io.BytesIO(kept)) as document:
        for thing in document.objects:
            if isinstance(thing, pikepdf.Dictionary) and "/FontFile2" in thing:
                font = TTFont(io.BytesIO(thing["/FontFile2"].read_bytes()))
                assert int(thing["/Flags"]) & 4
                assert len(font["cmap"].tables) == 1
                seen += 1
    assert seen >= 3


def test_the_profile_is_one_and_the_same() -> None:
    data = srgb_profile()
    assert data[36:40] == b"acsp"
    assert data[16:20] == b"RGB "
    assert int.from_bytes(data[:4], "big") == len(data)
    srgb_profile.cache_clear()
    assert srgb_profile() == data


def broken(pdf: bytes, change: Callable[[pikepdf.Pdf], None], **more: object) -> tuple[Finding, ...]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        change(document)
        out = io.BytesIO()
        document.save(out, force_version="1.7", **more)  # type: ignore[arg-type]
    return findings(out.getvalue())


def _no_intent(d: pikepdf.Pdf) -> None:
    del d.Root["/OutputIntents"]


def _wrong_channels(d: pikepdf.Pdf) -> None:
    d.Root.OutputIntents[0].DestOutputProfile.N = 4


def _no_metadata(d: pikepdf.Pdf) -> None:
    del d.Root["/Metadata"]


def _other_title(d: pikepdf.Pdf) -> None:
    d.docinfo["/Title"] = "another"


def _font_outside(d: pikepdf.Pdf) -> None:
    for thing in d.objects:
        if isinstance(thing, pikepdf.Dictionary) and "/FontFile2" in thing:
            del thing["/FontFile2"]
            return


def _see_through(d: pikepdf.Pdf) -> None:
    d.pages[0].obj.Resources["/ExtGState"] = pikepdf.Dictionary(
        G=pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, ca=0.5)
    )


def _script(d: pikepdf.Pdf) -> None:
    d.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def _attachment(d: pikepdf.Pdf) -> None:
    d.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=pikepdf.Array([])))


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        (_no_intent, "6.2.3"),
        (_wrong_channels, "6.2.3"),
        (_no_metadata, "6.6.2"),
        (_other_title, "6.6.3"),
        (_font_outside, "6.2.11.4"),
        (_see_through, "6.2.10"),
        (_script, "6.5"),
        (_attachment, "6.5"),
    ],
)
def test_each_clause_that_is_broken_is_found(kept: bytes, change: Callable[[pikepdf.Pdf], None], clause: str) -> None:
    assert any(f.clause.startswith(clause) for f in broken(kept, change)), broken(kept, change)


def test_an_encrypted_or_torn_file_is_no_archive(kept: bytes) -> None:
    assert [f.clause for f in findings(sealed(kept, WORDS))] == ["6.1.3 no encryption"]
    assert findings(kept[: len(kept) // 2])
    assert findings(b"no pdf")


@given(st.binary(max_size=400))
def test_any_bytes_are_judged_without_an_error(data: bytes) -> None:
    assert findings(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + data)


def test_a_sealed_file_opens_with_its_words_alone_and_says_nothing_before() -> None:
    pdf = catalogue.render("F02", paper.filled("F02"))
    made = sealed(pdf, WORDS)
    model = paper.filled("F02")
    assert model.serial.encode() in pdf  # its title
    assert model.serial.encode() not in made
    assert re.search(rb"/AESV3", made)
    with pikepdf.open(io.BytesIO(made), password=WORDS.decode()) as document:
        assert (document.encryption.R, document.encryption.bits) == (6, 256)
    reader = pypdfium2.PdfDocument(made, password=WORDS.decode())  # another reader than the one that made it
    assert "Patient summary" in reader[0].get_textpage().get_text_range()
    for wrong in ("", WORDS.decode()[:-1], WORDS.decode().upper()):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(io.BytesIO(made), password=wrong)
    assert sealed(pdf, WORDS) != made


@pytest.mark.parametrize(
    "words",
    [b"", b"short", b"aaaaaaaaaaaaaaaaaaaaaaaa", b"abababababababababab", b"x" * 200, b"lamp\nriver candle seventy"],
)
def test_words_that_could_be_found_by_trying_are_refused(words: bytes) -> None:
    with pytest.raises(WeakWords) as caught:
        sealed(b"", words)
    assert caught.value.code == "print.weak_words"
    assert words.decode()[:6] not in caught.value.message or not words.strip()


def test_words_of_any_keyboard_are_taken_alike() -> None:
    assert check_words("Lämpchen und Kerzen am Fluß".encode()) == check_words(
        "La\u0308mpchen und Kerzen am Fluß".encode()
    )
