"""What is asked of a printer and what it says: options that it names and no others, paper of the page's size, words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.forms import catalogue
from desktop.printing import ipp
from desktop.printing.cups import facts_of
from desktop.printing.errors import PaperNotThere
from desktop.printing.lanes import ticket_for
from desktop.printing.reasons import reason_words
from desktop.printing.wire import A4, A4_NAME, Facts, Ticket, media_name, options
from tests.unit.forms import paper

MM = 72 / 25.4
ROLL = (50 * MM, 25 * MM)
WHOLE = Facts(
    name="x", sides=("one-sided", "two-sided-long-edge"), media=("na_letter_8.5x11in", A4_NAME), trays=("tray-1",),
    media_members=("media-size", "media-source"), scaling=("auto", "none"), colour_modes=("monochrome", "color"),
)  # fmt: skip


def named(facts: Facts, ticket: Ticket) -> dict[str, object]:
    return {name: value for _, name, value in options(facts, ticket)}


def test_a_printer_that_can_is_asked_for_actual_size_a4_and_both_sides() -> None:
    asked = named(WHOLE, Ticket(sides="two-sided-long-edge"))
    assert asked == {
        "sides": "two-sided-long-edge", "print-scaling": "none", "print-color-mode": "monochrome", "media": A4_NAME,
    }  # fmt: skip


def test_a_tray_goes_with_its_paper() -> None:
    asked = named(WHOLE, Ticket(tray="tray-1"))
    assert "media" not in asked
    size, source = asked["media-col"]  # type: ignore[misc]
    assert size[2] == [("integer", "x-dimension", 21000), ("integer", "y-dimension", 29700)]
    assert source == ("keyword", "media-source", "tray-1")
    assert "media-col" not in named(WHOLE, Ticket(tray="tray-9"))


@given(
    st.sets(st.sampled_from(["one-sided", "two-sided-long-edge", "two-sided-short-edge"])),
    st.sets(st.sampled_from(["auto", "none", "fit"])), st.sets(st.sampled_from(["monochrome", "color"])),
    st.sampled_from(["one-sided", "two-sided-long-edge", "two-sided-short-edge"]), st.sampled_from(["", "tray-1"]),
)  # fmt: skip
def test_nothing_is_sent_that_the_printer_does_not_name(
    sides: set[str], scaling: set[str], modes: set[str], wished: str, tray: str
) -> None:
    facts = Facts(name="x", sides=tuple(sides), scaling=tuple(scaling), colour_modes=tuple(modes), media=(A4_NAME,))
    asked = named(facts, Ticket(sides=wished, tray=tray))
    assert ("sides" in asked) == (wished in sides)
    assert ("print-scaling" in asked) == ("none" in scaling)
    assert ("print-color-mode" in asked) == ("monochrome" in modes)
    assert asked["media"] == A4_NAME
    assert "media-col" not in asked


@pytest.mark.parametrize(
    ("media", "size", "name"),
    [
        (("na_letter_8.5x11in", A4_NAME), (A4[1], A4[0]), A4_NAME),
        (("A4",), A4, "A4"),
        (("oe_label_25x50mm",), ROLL, "oe_label_25x50mm"),
        (("custom_min_25x25mm", "custom_max_216x356mm", A4_NAME), ROLL, "custom_label_25x50mm"),
        ((), ROLL, ""),
    ],
)
def test_paper_is_found_by_the_pages_size(media: tuple[str, ...], size: tuple[float, float], name: str) -> None:
    assert media_name(Facts(name="x", media=media), size) == name


@pytest.mark.parametrize(
    ("media", "size"),
    [(("na_letter_8.5x11in",), A4), (("custom_min_10x10mm", "custom_max_400x400mm"), A4), ((A4_NAME,), ROLL)],
)
def test_paper_of_another_size_is_refused_rather_than_cut(media: tuple[str, ...], size: tuple[float, float]) -> None:
    with pytest.raises(PaperNotThere) as caught:
        media_name(Facts(name="x", media=media), size)
    assert caught.value.code == "print.no_paper"


def test_a_queue_that_names_no_paper_is_asked_for_a4_all_the_same() -> None:
    """Its default is often Letter, which cuts the page (seen with a raw queue of CUPS 2.4)."""
    assert media_name(Facts(name="x", options=("media", "sides")), A4) == A4_NAME
    assert media_name(Facts(name="x"), A4) == ""


def test_one_page_has_one_side_and_a_page_across_turns_at_its_short_edge() -> None:
    one, two, across = (catalogue.render(c, m) for c, m in (
        ("F27", paper.model("F27")), ("F02", paper.filled("F02")), ("F01", paper.model("F01"))))  # fmt: skip
    assert ticket_for(one, "two-sided-long-edge", "").sides == "one-sided"
    assert ticket_for(two, "two-sided-long-edge", "").sides == "two-sided-long-edge"
    assert ticket_for(across, "two-sided-long-edge", "").size[0] > ticket_for(across, "", "").size[1]
    pack = catalogue.render_pack([("F01", paper.model("F01", n=n)) for n in (1, 2)]).pdf
    assert ticket_for(pack, "two-sided-long-edge", "").sides == "two-sided-short-edge"


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ((), ()),
        (("none",), ()),
        (("toner-low-warning", "media-jam-error"), ("paper jam", "toner nearly out")),
        (("media-empty", "media-empty-error"), ("no paper",)),
        (("com.maker.odd-thing",), ("com.maker.odd thing",)),
    ],
)
def test_a_printers_reasons_in_words_the_worst_first(keywords: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert reason_words(keywords) == words


@pytest.mark.parametrize(
    ("facts", "ready", "words"),
    [
        (Facts(name="x"), True, "ready"),
        (Facts(name="x", state="printing"), True, "printing"),
        (Facts(name="x", state="stopped"), False, "stopped"),
        (Facts(name="x", state="stopped", message="Unplugged"), False, "Unplugged"),
        (Facts(name="x", accepting=False), False, "takes no jobs"),
        (Facts(name="x", reasons=("cover-open",)), False, "cover open"),
        (Facts(name="x", reasons=("media-empty-report",)), True, "no paper"),
    ],
)
def test_ready_and_why_not(facts: Facts, ready: bool, words: str) -> None:
    assert (facts.ready, facts.words) == (ready, words)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_a_value_error(raw: bytes) -> None:
    try:
        made = ipp.answer(raw)
    except ValueError:
        return
    for group in made.groups:
        assert facts_of(group, "x").name == "x"


VALUES = st.one_of(st.integers(-(2**31), 2**31 - 1), st.booleans(), st.text(max_size=20))


@given(
    st.dictionaries(st.text("abcdefgh-", min_size=1, max_size=12), st.lists(VALUES, min_size=1, max_size=4), max_size=5)
)
def test_what_is_written_is_read_again(held: dict[str, list[ipp.Value]]) -> None:
    def kind(value: ipp.Value) -> str:
        return "boolean" if isinstance(value, bool) else "integer" if isinstance(value, int) else "name"

    job: list[ipp.Attribute] = []
    for name, values in held.items():
        job.append((kind(values[0]), name, values[0]))
        job += [(kind(v), "", v) for v in values[1:]]
    job.append(("collection", "media-col", [("collection", "media-size", [("integer", "x", 21000)])]))
    raw = ipp.request(ipp.PRINT_JOB, 1, [], job)
    (group,) = ipp.answer(raw).groups
    assert {n: v for n, v in group.items() if n != "media-col"} == {n: v for n, v in held.items() if n != "media-col"}
