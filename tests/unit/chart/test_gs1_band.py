"""What a wristband's code says, written by us and read back by our reader as a scanner types it (CLINICAL §1.4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.forms import codes
from localdb.chart.gs1 import GS, gsrn_of
from localdb.chart.gs1_band import LONGEST, Baby, band_elements, written
from localdb.chart.matching import normalised
from localdb.chart.scan_errors import ScanRefused
from localdb.chart.scanning import Band, read_scan
from localdb.chart.views import PatientView
from localdb.records.ids import nhs_number_is_sound
from localdb.records.moments import read_moment
from localdb.records.vocabulary import HumanName

NOW = datetime(2026, 11, 24, 3, 14, tzinfo=UTC)
CHARSET_82 = set("!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")


def view(**changed: object) -> PatientView:
    made: dict[str, object] = {
        "id": "P0123456789ABC", "name": HumanName("Okonkwo", ("Ifeoma",)), "nhs": "9434765919", "nhs_verified": True,
        "mrn": "H2047718", "born": read_moment("1951-03-14"),
    }  # fmt: skip
    return PatientView(**{**made, **changed})  # type: ignore[arg-type]


def scanned(elements: tuple[tuple[str, str], ...]) -> str:
    """What a scanner types for the printed symbol: its identifier, the elements, the separators."""
    made = zxingcpp.create_barcode(
        "".join(f"({name}){content}" for name, content in elements), zxingcpp.BarcodeFormat.DataMatrix, gs1=True,
        force_square=True,
    )  # fmt: skip
    (found,) = zxingcpp.read_barcodes(made.to_image(scale=4, add_quiet_zones=True))
    assert codes.gs1_datamatrix(elements)[0] == made.to_image(scale=1, add_quiet_zones=False).shape[0]
    return f"{found.symbology_identifier}{found.bytes.decode('ascii')}"


@pytest.mark.parametrize(
    ("nhs", "gsrn"), [("9434765919", "505089894347659192"), ("9990000018", "505089899900000183")]
)  # CLINICAL §1.4
def test_the_recipient_number_has_the_digits_of_the_standard(nhs: str, gsrn: str) -> None:
    assert gsrn_of(nhs) == gsrn
    assert band_elements(view(nhs=nhs), NOW, ods="RJC") == (
        ("8018", gsrn), ("91", "RJC,H2047718,"), ("93", "Okonkwo,Ifeoma,14-Mar-1951,"),
    )  # fmt: skip


def test_a_band_is_read_as_the_patient_that_it_was_made_for() -> None:
    found = read_scan(scanned(band_elements(view(), NOW, ods="RJC")))
    assert isinstance(found, Band)
    assert (found.nhs, found.mrn, found.family, found.given, found.born) == (
        "9434765919", "H2047718", "Okonkwo", "Ifeoma", "1951-03-14",
    )  # fmt: skip
    assert found.is_checked and not found.repaired


@pytest.mark.parametrize("verified", [False, None])
def test_a_number_that_nobody_verified_is_not_on_a_band(verified: bool | None) -> None:
    elements = dict(band_elements(view(nhs_verified=verified), NOW, ods="RJC"))
    assert "8018" not in elements
    assert "9434765919" not in "".join(elements.values())


@pytest.mark.parametrize("nhs", ["9434765918", "0101806103", "3200000017", "", "943476591"])
def test_an_unsound_number_and_another_country_s_have_no_recipient_number(nhs: str) -> None:
    assert "8018" not in dict(band_elements(view(nhs=nhs), NOW, ods="RJC"))


def test_without_an_ods_code_there_is_no_91_and_a_long_number_is_not_shortened() -> None:
    assert "91" not in dict(band_elements(view(), NOW))
    assert "91" not in dict(band_elements(view(mrn="H" * 21), NOW, ods="RJC"))
    assert "91" not in dict(band_elements(view(mrn="H 1,2"), NOW, ods="RJC"))


@pytest.mark.parametrize(
    ("name", "said"),
    [("Zoë", "Zoe"), ("O’Brien", "O'Brien"), ("van der Berg", "van-der-Berg"), ("Łukaszewicz", "Lukaszewicz"),
     ("Nguyễn", "Nguyen"), ("Weiß", "Weiss"), ("Smith, Jr.", "Smith-Jr"), ("Jane (Jenny)", "Jane-Jenny"),
     ("سعيد", ""), ("李", ""), ("Papadopoulos-Κωνσταντίνου", ""), ("Twin 1", ""), ("", ""), ("-", "")],
)  # fmt: skip
def test_a_name_is_written_whole_or_not_at_all(name: str, said: str) -> None:
    assert written(name) == said


def test_a_newborn_has_its_place_among_its_mother_s_babies_and_its_time_of_birth() -> None:
    who = view(born=read_moment("2026-11-23T20:05:00+00:00"), nhs=None, name=HumanName("Smith", ("Baby",)))
    elements = band_elements(who, NOW, ods="RJC", baby=Baby(n=1, of=2, family="Smith", given="Jane"))
    assert dict(elements)["92"] == "1,2,Smith,Jane"
    assert dict(elements)["93"] == "Smith,Baby,23-Nov-2026,20:05"
    found = read_scan(scanned(elements))
    assert isinstance(found, Band)
    assert (found.baby, found.babies, found.mother, found.born_time) == ("1", "2", "Smith, Jane", "20:05")


def test_only_a_newborn_has_that() -> None:
    baby = Baby(n=1, of=2, family="Smith")
    assert "92" not in dict(band_elements(view(), NOW, ods="RJC", baby=baby))
    old = view(born=read_moment((NOW - timedelta(days=28)).isoformat()))
    assert "92" not in dict(band_elements(old, NOW, ods="RJC", baby=baby))


letters = st.one_of(
    st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ '-,.()’", max_size=45),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30),
    st.sampled_from(
        ["O’Brien-Featherstonehaugh", "سعيد الشريف", "李", "नायर", "Ó Súilleabháin", "X Æ A-12", "91Smith"]
    ),
)
people = st.builds(
    view,
    name=st.builds(HumanName, family=letters, given=st.lists(letters, max_size=4).map(tuple)),
    nhs=st.one_of(st.none(), st.integers(4000000000, 7089999999).map(str).filter(nhs_number_is_sound)),
    nhs_verified=st.sampled_from([True, True, True, False, None]),
    mrn=st.one_of(st.none(), st.text("ABCDEH0123456789/_-", min_size=1, max_size=24), letters),
    born=st.one_of(st.none(), st.dates().map(lambda d: read_moment(d.isoformat())), st.just(read_moment("1951"))),
)


def _is_named(elements: dict[str, str]) -> bool:
    """Whether the reader may know somebody by it: a number, or a family name and a date."""
    family, _, rest = elements.get("93", ",,,").partition(",")
    return "8018" in elements or "91" in elements or bool(family and rest.split(",")[1])


@settings(max_examples=300, deadline=None)
@given(who=people, ods=st.sampled_from(["", "RJC", "RX1AB"]), separator=st.sampled_from([GS, "{GS}", "^]", ""]))
def test_whoever_it_is_for_the_code_reads_as_them_or_not_at_all(who: PatientView, ods: str, separator: str) -> None:
    elements = band_elements(who, NOW, ods=ods)
    assert all(set(content) <= CHARSET_82 and len(content) <= LONGEST for _, content in elements)
    if not elements:
        return
    said = dict(elements)
    typed = scanned(elements).replace(GS, separator)
    if not _is_named(said):
        return
    try:
        found = read_scan(typed)
    except ScanRefused:
        assert separator == "", said  # a scanner that loses the separators may be refused, never misread
        return
    assert isinstance(found, Band)
    family, given_, born, _ = said.get("93", ",,,").split(",")
    assert found.nhs == ((who.nhs or "") if "8018" in said else "")
    assert found.mrn == (who.mrn.strip() if "91" in said and who.mrn else "")
    assert (found.family, found.given) == (family, given_)
    assert bool(found.born) == bool(born)
    assert found.born in ("", who.born.text if who.born else "")
    if family and who.name.family.isascii():
        assert normalised(found.family) == normalised(who.name.family)
