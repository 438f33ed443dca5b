"""Result, report and order statuses of HL7 v2 in FHIR's words, and their rank within one moment (CLINICAL §3.1).

Tables 0085 (OBX-11), 0123 (OBR-25), 0119 (ORC-1) and 0038 (ORC-5). A code that no table has stays as it was sent.
"""

from __future__ import annotations

import msgspec

WITHDRAWN = "entered-in-error"
UNVERIFIED = "UNVERIFIED: not yet verified by the laboratory"
# Of two messages of the same moment, what takes back stands above what corrects, and that above what announces.
_TIES = {"preliminary": 0, "partial": 0, "registered": 0, "final": 2, "corrected": 3, "amended": 3,
         WITHDRAWN: 4, "cancelled": 4}  # fmt: skip


class ResultStatus(msgspec.Struct, frozen=True):
    """`word` as in FHIR, `tie` 0-4, `absent` why there is no value, `remark` what the word does not say."""

    word: str
    tie: int = 2
    absent: str = ""
    remark: str = ""


_RESULTS = {  # 0085
    "F": "final",
    "U": "final",  # status changed to final without a new value
    "V": "final",  # verified
    "P": "preliminary",
    "S": "preliminary",  # partial
    "R": "preliminary",  # unverified: `remark` says so
    "C": "corrected",
    "B": "amended",  # appended
    "D": WITHDRAWN,
    "W": WITHDRAWN,
    "X": "cancelled",
    "N": "cancelled",
    "I": "registered",
    "O": "registered",
}
_ABSENT = {"X": "cannot be obtained", "N": "not asked"}
_REPORTS = {  # 0123
    "O": "registered",
    "I": "registered",
    "S": "registered",
    "A": "partial",
    "P": "preliminary",
    "R": "preliminary",
    "C": "corrected",
    "M": "corrected",
    "F": "final",
    "X": "cancelled",
}
# The request behind a report: None = it says nothing of the order.
_REQUEST_OF_REPORT = {
    "O": "active", "I": "active", "S": "active", "A": "active", "P": "active", "R": "active", "C": "completed",
    "M": "completed", "F": "completed", "X": "revoked",
}  # fmt: skip
_CONTROLS = {  # 0119: what an event does to the order, whatever ORC-5 says
    "CA": "revoked", "OC": "revoked", "CR": "revoked", "DC": "revoked", "OD": "revoked", "DR": "revoked",
    "UA": "revoked", "RP": "revoked", "RQ": "revoked", "HD": "on-hold", "OH": "on-hold", "HR": "on-hold",
    "RL": "active", "OE": "active", "OR": "active",
}  # fmt: skip
_ORDERS = {  # 0038
    "A": "active", "IP": "active", "SC": "active", "CM": "completed", "CA": "revoked", "DC": "revoked",
    "RP": "revoked", "HD": "on-hold",
}  # fmt: skip


def result_status(code: str) -> ResultStatus:
    """OBX-11."""
    bare = code.strip().upper()
    word = _RESULTS.get(bare)
    if word is None:
        return ResultStatus(code.strip(), 2, remark=f"Status as sent: {code.strip()}" if bare else "")
    return ResultStatus(word, _TIES[word], _ABSENT.get(bare, ""), UNVERIFIED if bare == "R" else "")


def report_status(code: str, results: tuple[str, ...] = ()) -> ResultStatus:
    """OBR-25; where none was sent, what all of its results say alike, else preliminary where one of them is."""
    bare = code.strip().upper()
    word = _REPORTS.get(bare)
    if word is not None:
        return ResultStatus(word, _TIES.get(word, 2), remark=UNVERIFIED if bare == "R" else "")
    if bare:
        return ResultStatus(code.strip(), 2, remark=f"Status as sent: {code.strip()}")
    words = set(results)
    if len(words) == 1:
        (found,) = words
        return ResultStatus(found, _TIES.get(found, 2))
    for found in ("preliminary", "registered", "corrected", "amended"):
        if found in words:
            return ResultStatus(found, _TIES[found])
    return ResultStatus("final" if "final" in words else "", 2)


def request_status(control: str, order: str, report: str = "") -> str:
    """The request's status in FHIR's words: ORC-1 where it ends or holds it, else ORC-5, else OBR-25; else "active" for
    an order that was placed, "" where nothing was said."""
    control, order, report = control.strip().upper(), order.strip().upper(), report.strip().upper()
    found = _CONTROLS.get(control) or _ORDERS.get(order) or _REQUEST_OF_REPORT.get(report)
    if found:
        return found
    return "active" if control in ("NW", "XO", "XX", "RO", "RU", "SN", "NA", "OK", "PA", "CH", "OP", "PR") else ""
