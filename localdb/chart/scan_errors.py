"""Why a scan opens nobody. One class, a code each (resources/codes/errors.toml), never a word of what was read."""

from __future__ import annotations

from localdb.errors import InputRefused

# code -> (what happened, what to do)
_SAID = {
    "scan.not_known": ("That code is none that this laptop can read.",
                       "Check that it is the wristband or a Wardlamp sheet; else find the patient by name or number."),
    "scan.too_long": ("That code is longer than any wristband or sheet has.",
                      "Scan the wristband or the code of a Wardlamp sheet."),
    "scan.damaged": ("The code is a wristband's, but part of it is missing or misread.",
                     "Scan again; if it stays so, read the name and two identifiers from the band and find the patient."),
    "scan.check_digit": ("The number on the wristband has a wrong check digit: it was misread or misprinted.",
                         "Scan again; if it stays so, find the patient by name and have the band replaced."),
    "scan.nhs_unsound": ("The NHS number in that code has no right check digit.",
                         "Scan again; if it stays so, find the patient by name and have the band replaced."),
    "scan.serial": ("That is no serial of a Wardlamp sheet: a character was misread.",
                    "Scan again, or type the serial as it stands on the sheet."),
    "scan.unclear": ("The code can be read in two ways that name different patients.",
                     "Read the name and two identifiers from the band and find the patient."),
    "scan.staff_badge": ("That is a badge of a member of staff, not a patient's wristband.",
                         "Scan the wristband of the patient."),
    "scan.not_a_band": ("That code is no wristband: it holds what may not stand on one.",
                        "Scan the wristband itself; if this is it, have the band replaced."),
    "scan.unknown": ("Nobody in this copy has the number of that code.",
                     "Compare the band with what was read, then find them by name: they may be newer than this copy."),
    "scan.two_people": ("The numbers of that code belong to two different people in this copy.",
                        "Open nobody by it: identify the patient by name, date of birth and address."),
    "scan.disagrees": ("The number of that code is another person's in this copy: name and date of birth both differ.",
                       "Open nobody by it: identify the patient by name, date of birth and address."),
    "scan.sheet_disagrees": ("The code of that sheet names another patient than the ledger of sheets.",
                             "Do not use the sheet: identify the patient by the words on it and tell the coordinator."),
}  # fmt: skip


class ScanRefused(InputRefused):
    """A scan that opens nobody."""

    code = "scan.not_known"
    next_step = _SAID["scan.not_known"][1]


def refuse_scan(code: str) -> ScanRefused:
    """The error of that code, in the words of the table."""
    message, next_step = _SAID[code]
    return ScanRefused(message, code=code, next_step=next_step)
