"""A stay told in HL7 v2 messages, as a PAS and a laboratory send them through an engine. Synthetic, 999 numbers.

Each message has a time of its own, so that their order is known whatever order they arrive in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from tests.made import nhs_number

START = datetime(2026, 11, 23, 8, 0, 0)
MRN, SECOND_MRN, MOTHER_MRN = "H4471", "H9902", "H5003"
VISIT, SECOND_VISIT = "V100", "V200"


class Teller:
    """Writes messages one minute apart; `pas` and `lims` are the two senders."""

    def __init__(self, number: int = 1, start: datetime = START) -> None:
        self.number, self._start, self._steps = number, start, count()
        self.nhs = nhs_number(4000 + number)
        self.mrn, self.second, self.visit = f"{MRN}{number}", f"{SECOND_MRN}{number}", f"{VISIT}{number}"

    def stamp(self) -> str:
        return (self._start + timedelta(minutes=next(self._steps))).strftime("%Y%m%d%H%M%S")

    def _message(self, sender: str, type_: str, at: str, *segments: str) -> bytes:
        control = f"{sender}{self.number}-{at}"
        msh = f"MSH|^~\\&|{sender}|NORTH|ENGINE|NORTH|{at}||{type_}|{control}|P|2.5.1|||||GBR|UNICODE UTF-8"
        return ("\r".join((msh, *segments)) + "\r").encode()

    def pid(self, mrn: str | None = None, *, full: bool = True, phone: str = "020 7946 0001", nhs: bool = True) -> str:
        numbers = f"{mrn or self.mrn}^^^NORTH^MR" + (f"~{self.nhs}^^^NHS^NH" if nhs else "")
        more = f"|||1 Mill Lane^^Leeds^^LS1 1AA||{phone}" if full else ""
        return f"PID|1||{numbers}||Okafor^Adaeze^Ruth||19580214|F{more}"

    def adt(self, trigger: str, *, place: str = "ASH^3^B", left: str = "", mrn: str | None = None,
            visit: str | None = None, phone: str = "020 7946 0001", more: tuple[str, ...] = (),
            nhs: bool = True) -> bytes:  # fmt: skip
        at = self.stamp()
        fields = [""] * 46
        fields[0:4] = ["PV1", "1", "I", place]
        fields[7], fields[19], fields[44], fields[45] = (
            "C1^Singh^Priya^^^Dr",
            visit or self.visit,
            "20261123080000",
            left,
        )
        return self._message(
            "PAS",
            f"ADT^{trigger}",
            at,
            f"EVN|{trigger}|{at}",
            self.pid(mrn, phone=phone, nhs=nhs),
            "|".join(fields),
            *more,
        )

    def merge(self) -> bytes:
        at = self.stamp()
        return self._message("PAS", "ADT^A40^ADT_A39", at, f"EVN|A40|{at}", self.pid(), f"MRG|{self.second}^^^NORTH^MR")

    def unmerge(self) -> bytes:
        at = self.stamp()
        return self._message(
            "PAS", "ADT^A37^ADT_A37", at, f"EVN|A37|{at}", self.pid(full=False),
            self.pid(self.second, full=False, nhs=False).replace("PID|1", "PID|2"),
        )  # fmt: skip

    def order(self, placer: str, test: str) -> bytes:
        at = self.stamp()
        return self._message(
            "PAS", "ORM^O01", at, self.pid(full=False), f"ORC|NW|{placer}|||||||{at}", f"OBR|1|{placer}||{test}"
        )

    def result(self, placer: str, filler: str, panel: str, items: tuple[tuple[str, str, str, str, str, str], ...],
               *, mrn: str | None = None, status: str = "F", comment: str = "") -> bytes:  # fmt: skip
        """`items`: (code^name, value, unit, range, flag, OBX-11)."""
        at = self.stamp()
        numbers, times = f"{placer}|{filler}", "20261123090000|||||||20261123091500"
        segments = [
            self.pid(mrn, full=False),
            f"ORC|RE|{numbers}",
            f"OBR|1|{numbers}|{panel}|||{times}||||||||{at}||LAB|{status}",
        ]
        for n, (code, value, unit, range_, flag, state) in enumerate(items, 1):
            segments.append(f"OBX|{n}|NM|{code}||{value}|{unit}|{range_}|{flag}|||{state}|||20261123090000")
            if comment:
                segments.append(f"NTE|1|L|{comment}")
        return self._message("LIMS", "ORU^R01", at, *segments)


UE = "UE^Urea and electrolytes^L"
FBC = "FBC^Full blood count^L"


def potassium(value: str, state: str, flag: str = "") -> tuple[str, str, str, str, str, str]:
    return "K^Potassium^L", value, "mmol/L", "3.5-5.3", flag, state


def haemoglobin(value: str, state: str) -> tuple[str, str, str, str, str, str]:
    return "HB^Haemoglobin^L", value, "g/L", "115-165", "", state


def tell(number: int = 1) -> list[bytes]:
    """The whole stay in the order in which it happened (see `EXPECTED` in the test for what must come out)."""
    t = Teller(number)
    return [
        t.adt("A01", place="ASH^3^B", more=("AL1|1|DA|PEN^Penicillin^L|SV|Anaphylaxis",)),
        t.adt("A04", place="ED^1^1", mrn=t.second, visit=f"{SECOND_VISIT}{number}"),
        t.order(f"P{number}1", UE),
        t.order(f"P{number}2", FBC),
        t.result(f"P{number}1", f"F{number}1", UE, (potassium("5.9", "P", "H"),), status="P"),
        t.adt("A02", place="BIRCH^1^A"),
        t.result(f"P{number}1", f"F{number}1", UE, (potassium("5.7", "F", "H"),)),
        t.result(f"P{number}2", f"F{number}2", FBC, (haemoglobin("61", "F"),)),
        t.result(f"P{number}1", f"F{number}1", UE, (potassium("4.4", "C"),), status="C", comment="Sample was haemolysed"),
        t.result(f"P{number}2", f"F{number}2", FBC, (haemoglobin("", "W"),), status="C", comment="Wrong patient"),
        t.result(f"P{number}3", f"F{number}3", UE, (potassium("3.9", "F"),), mrn=t.second),
        t.merge(),
        t.adt("A08", place="BIRCH^1^A", phone="020 7946 0002"),
        t.adt("A03", place="BIRCH^1^A", left="20261123120000", phone="020 7946 0002"),
        t.adt("A13", place="BIRCH^1^A", phone="020 7946 0002"),
    ]  # fmt: skip
