"""Errors of the journal. Damage, absence, disks and newer stores are the store's errors.

InputRefused
├── EntryRefused     entry.invalid, entry.no_read_back, entry.unknown_kind, entry.future, entry.no_offset,
│                    entry.unknown, entry.other_patient, entry.other_kind, entry.already_corrected
├── SheetRefused     sheet.unknown, sheet.invalid, sheet.state
└── ExchangeRefused  exchange.same_device, exchange.forked, exchange.damaged, exchange.newer, exchange.wrong_secret
EnvironmentFault
└── SendingBusy      restore.busy
"""

from __future__ import annotations

from localdb.errors import EnvironmentFault, InputRefused


class EntryRefused(InputRefused):
    """An entry cannot be taken as it is; the message names the field in plain words."""

    code = "entry.invalid"
    next_step = "Correct the field that is named and save again; nothing was written."


class SheetRefused(InputRefused):
    """A sheet cannot be issued or moved on like that."""

    code = "sheet.invalid"
    next_step = "Check the serial on the sheet against `wardlamp sheet SERIAL`."


class ExchangeRefused(InputRefused):
    """A journal from another laptop cannot be taken."""

    code = "exchange.damaged"
    next_step = "Make the file again on the other laptop; nothing was taken from this one."


class SendingBusy(EnvironmentFault):
    """Another process is sending entries."""

    code = "restore.busy"
    next_step = "Wait until the other sending has ended, or close the window that runs it."


_STEPS = {
    "entry.no_read_back": "Read the result back to the caller, digit by digit, and tick it.",
    "entry.unknown_kind": "Give one of the kinds that `wardlamp enter --help` lists.",
    "entry.future": "Check the date and time that were typed, and this laptop's clock.",
    "entry.no_offset": "Give the time with its offset, as in 2026-11-20T02:10:00+00:00.",
    "entry.unknown": "Check the entry's id or number in the patient's chart.",
    "entry.other_patient": "Open the patient whose entry it is and correct it there.",
    "entry.other_kind": "Correct an entry by one of the same kind.",
    "entry.already_corrected": "Correct the newest version, whose number is named.",
    "sheet.unknown": "Check the serial on the sheet; it was not issued by a laptop whose journal is here.",
    "sheet.state": "Look at the sheet's states: what was asked does not follow from the last one.",
    "exchange.same_device": "Ask the coordinator to give one of the two laptops a new device code.",
    "exchange.forked": "One laptop was restored from an old copy: ask the coordinator to give it a new device code.",
    "exchange.newer": "Update Wardlamp on this laptop, then take the file again.",
    "exchange.wrong_secret": "Type the words that were chosen when the file was made.",
}


def refuse_entry(code: str, message: str) -> EntryRefused:
    return EntryRefused(message, code=code, next_step=_STEPS.get(code))


def refuse_sheet(code: str, message: str) -> SheetRefused:
    return SheetRefused(message, code=code, next_step=_STEPS.get(code))


def refuse_exchange(code: str, message: str) -> ExchangeRefused:
    return ExchangeRefused(message, code=code, next_step=_STEPS.get(code))
