"""H16 A label for a transfusion tube: no public way makes one, whoever asks in whatever words; each label says what it is
not for. The sabotage takes the guard away, and the warning off: the same checks must find it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.cli import main
from desktop.forms import catalogue, f07_labels, label_layout
from desktop.forms.model import FormModel
from desktop.printing import child, issuing, labelling
from desktop.printing.labelling import Wish
from localdb.chart.transfusion import FORMS, names_transfusion
from localdb.errors import WardlampError
from localdb.house import House
from localdb.labels import LabelJob, Stock, read_stocks, shipped
from localdb.records.ids import serial_number
from tests.made import SECRET, new_house, nhs_number, person, stay, ward, write
from tests.unit.forms import checks

# As people write and systems send them; none of these may have a label.
WORDS = (
    "Group and save", "Group & Save", "group+save", "Group and Screen", "G&S", "g & s", "GS", "T&S", "Type and screen",
    "Crossmatch", "Cross-match 2 units", "CROSS  MATCH", "x-match", "XM", "Ｃｒｏｓｓｍａｔｃｈ", "c r o s s m a t c h",
    "Transfusion", "Blood transfusion sample", "Blood group", "ABO", "ABO and RhD", "Rhesus factor", "Antibody screen",
    "Direct antiglobulin test", "DAT", "Coombs", "Kleihauer", "Red cells 2 units", "FFP", "Fresh frozen plasma",
    "Cryoprecipitate", "Platelets for transfusion", "1 pool platelets", "Blood bank sample", "Group check sample",
)  # fmt: skip
ALLOWED = (
    "FBC", "U&E", "LFT", "Bone profile", "CRP", "Clotting", "D-dimer", "Troponin", "Blood gas", "Glucose", "Lactate",
    "Magnesium", "Platelets", "Blood cultures", "Group A streptococcus PCR", "Vitamin B12 & folate", "Red cell folate",
)  # fmt: skip
Way = Callable[[House, str, str], bytes]


def order(n: int, text: str, code: str = "") -> dict[str, Any]:
    coded = {"coding": [{"system": "http://loinc.org", "code": code}]} if code else {}
    return {"resourceType": "ServiceRequest", "id": f"s{n}", "status": "active", "intent": "order",
            "subject": {"reference": "Patient/p1"}, "identifier": [{"value": f"ORD-{n}"}],
            "code": {**coded, "text": text}}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = new_house(tmp_path / "vault")
    orders = [order(n, text) for n, text in enumerate(WORDS)] + [order(90, "Sample to laboratory", "883-9")]
    made.fill([write(tmp_path / "a.json", [*ward(), person(1), stay("p1", 1), *orders])], source="pas", processes=1)
    yield made
    made.close()


def by_command(house: House, stock: str, request: str) -> bytes:
    pdf = house.vault.parent / "out.pdf"
    secret = house.vault.parent / "secret"
    secret.write_bytes(SECRET)
    words = ["print", "F07", "--patient", nhs_number(1), "--pdf", str(pdf), "--vault", str(house.vault),
             "--secret-file", str(secret), "--stock", stock, "--request", request, "--json"]  # fmt: skip
    if main(words):
        raise WardlampError("refused", code=json.loads(said())["error"]["code"])
    said()
    return pdf.read_bytes()


def by_window(house: House, stock: str, request: str) -> bytes:
    """What the print place of the window asks its child for."""
    choice = child.Choice("F07", patient=nhs_number(1), label=Wish(stock=stock, request=request))
    return child.issue(house, child.Job(str(house.vault), "issue", house.now(), (choice,)))[1]


def by_preview(house: House, stock: str, request: str) -> bytes:
    choice = child.Choice("F07", patient=nhs_number(1), label=Wish(stock=stock, request=request))
    return child.show(house, child.Job(str(house.vault), "show", house.now(), (choice,)))[1]


def by_program(house: House, stock: str, request: str) -> bytes:
    """A model that somebody made by hand, straight to the page."""
    (want,) = issuing.wanted(house, "F07", patient=nhs_number(1), ward=None, blank=0, copies=1)
    name, made = shipped().stock() if not stock else (stock, shipped().stock()[1])
    return catalogue.render("F07", model(house, want, LabelJob(name=name, stock=made, request=request)))


def model(house: House, want: issuing.Wanted, job: LabelJob) -> FormModel:
    return issuing.model_of(house, msgspec.structs.replace(want, label=job), serial_number("T01", "F07", 1))


WAYS: dict[str, Way] = {
    "command": by_command, "window": by_window, "preview": by_preview, "program": by_program,
}  # fmt: skip
_out: list[Callable[[], str]] = []


def said() -> str:
    return _out[-1]()


@pytest.fixture(autouse=True)
def _reading(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    monkeypatch.delenv("WARDLAMP_STAFF", raising=False)
    _out.append(lambda: capsys.readouterr().out)
    yield
    _out.pop()


def typed(house: House, words: str) -> str:
    """A request that the ward typed; answers with its number."""
    body = {
        "happened": "2026-11-24T02:30:00+00:00",
        "kind": "laboratory",
        "tests": ["FBC", words],
        "reason": "bleed",
        "priority": "routine",
        "phone": "2204",
    }
    return house.enter("request", nhs_number(1), body).number


def requests(house: House) -> list[str]:
    """Everything by which a label could be asked for a transfusion: forms, typed requests, orders of the copy, words."""
    found = [serial_number("T01", form, 7) for form in sorted(FORMS)]
    found += [house.issue_sheet(form, 1) for form in sorted(FORMS)]
    found += [typed(house, words) for words in WORDS[::6]]
    found += [f"ORD-{n}" for n in range(0, len(WORDS), 5)] + ["ORD-90"]
    return [*found, *WORDS[::4], found[0].lower(), f" {found[0][:4]} {found[0][4:]} "]


def made_labels(house: House, asked: list[str]) -> list[str]:
    """Every (way, request) that made a label: there may be none."""
    out = []
    for name, way in WAYS.items():
        for request in asked if name != "command" else asked[::3]:
            try:
                way(house, "", request)
            except WardlampError as refused:
                if refused.code not in ("label.transfusion", "label.request_unknown"):
                    out.append(f"{name}: {request}: {refused.code}")
                continue
            out.append(f"{name}: {request}")
    return out


def test_no_way_makes_a_label_for_a_transfusion_sample(house: House) -> None:
    asked = requests(house)
    before = [s for s in house.journal.sheets() if s.form == "F07"]
    assert made_labels(house, asked) == []
    assert [s for s in house.journal.sheets() if s.form == "F07"] == before, "a refused label burns no serial"


def test_the_words_of_a_request_are_seen_through() -> None:
    assert [w for w in WORDS if not names_transfusion(w)] == []
    assert [w for w in ALLOWED if names_transfusion(w)] == []


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_stock_cannot_bring_the_word_in(house: House, way: Way) -> None:
    stock = "Transfusion tube"
    if way is by_program:
        with pytest.raises(WardlampError) as refused:
            read_stocks({"stocks": {stock: msgspec.to_builtins(shipped().stock()[1])}})
    else:
        with pytest.raises(WardlampError) as refused:
            way(house, stock, "")
    assert refused.value.code == "label.transfusion"


def test_a_job_has_no_type_and_no_text_of_its_own() -> None:
    """What would have to be there to ask for a tube's label is not: the fields are the stock, counts and a request."""
    assert set(LabelJob.__struct_fields__) == {"name", "stock", "count", "start", "request", "offset"}
    assert set(Wish.__struct_fields__) == {"stock", "labels", "start", "request", "baby", "mother"}
    assert set(Stock.__struct_fields__) == {"title", "page", "label", "first", "pitch", "across", "down"}


def test_a_request_of_blood_sciences_has_labels(house: House) -> None:
    """The guard stops transfusion, not the ward."""
    serial = house.issue_sheet("F03", 1)
    house.enter("request", nhs_number(1), {"happened": "2026-11-24T02:30:00+00:00", "kind": "laboratory",
                                           "tests": ["FBC", "U&E"], "reason": "AKI",
                                           "priority": "routine", "phone": "2204"})  # fmt: skip
    for way in WAYS.values():
        assert serial in " ".join(checks.page_texts(way(house, "", serial)))


def warned(house: House) -> list[str]:
    """Stocks on which a label does not say what it is not for."""
    out = []
    for blank in (0, 1):
        for name in shipped().stocks:
            try:
                (want,) = issuing.wanted(house, "F07", patient=nhs_number(1), ward=None, blank=blank, copies=1,
                                         label=Wish(stock=name, labels=1))  # fmt: skip
                pdf = catalogue.render("F07", issuing.model_of(house, want, serial_number("T01", "F07", 1)))
            except WardlampError as refused:
                assert refused.code == "label.too_small"
                continue
            if "NOTFORTRANSFUSIONSAMPLES" not in checks.squeezed(" ".join(checks.page_texts(pdf))):
                out.append(name)
    return out


def test_every_label_of_every_stock_says_that_it_is_not_for_transfusion(house: House) -> None:
    assert warned(house) == []


def test_sabotage_without_the_guard_a_label_is_made(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = requests(house)
    for guard in ("serial_is_transfusion", "request_is_transfusion", "record_is_transfusion"):
        monkeypatch.setattr(f07_labels, guard, lambda *said: False)
    monkeypatch.setattr(labelling, "names_transfusion", lambda text: False)
    found = made_labels(house, asked)
    assert {line.split(":")[0] for line in found} == set(WAYS)


def test_sabotage_a_label_without_its_warning_is_caught(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_layout, "NOT_TRANSFUSION", "SPECIMEN")
    assert set(warned(house)) == set(shipped().stocks)
