"""Errors of the journal. Damage, absence, disks and newer stores are the store's errors.

InputRefused
├── EntryRefused     entry.invalid, entry.no_read_back, entry.unknown_kind, entry.future, entry.no_offset,
│                    entry.unknown, entry.other_patient, entry.other_kind, entry.already_corrected,
│                    image.two_people, image.other_images
├── SheetRefused     sheet.unknown, sheet.invalid, sheet.state, sheet.no_receiver
├── PressRefused     press.unknown_pack, press.no_pages, press.no_page, press.state, press.nothing_unsure,
│                    press.still_printing
├── ExchangeRefused  exchange.same_device, exchange.forked, exchange.damaged, exchange.newer, exchange.wrong_secret
│   └── OwnChainForked   the same two, where the chain is this laptop's own
└── NumberRefused    numbers.* (localdb.numbers.temporary): packs, numbers, registering
EnvironmentFault
└── SendingBusy      restore.busy
"""

from __future__ import annotations

from localdb.errors import EnvironmentFault, InputRefused
from localdb.numbers.temporary import NumberRefused


class EntryRefused(InputRefused):
    """An entry cannot be taken as it is; the message names the field in plain words."""

    code = "entry.invalid"
    next_step = "Correct the field that is named and save again; nothing was written."


class SheetRefused(InputRefused):
    """A sheet cannot be issued or moved on like that."""

    code = "sheet.invalid"
    next_step = "Check the serial on the sheet against `wardlamp sheet SERIAL`."


class PressRefused(InputRefused):
    """The print queue cannot do that."""

    code = "press.state"
    next_step = "Look at the queue: `wardlamp press status`."


class ExchangeRefused(InputRefused):
    """A journal from another laptop cannot be taken."""

    code = "exchange.damaged"
    next_step = "Make the file again on the other laptop; nothing was taken from this one."


class OwnChainForked(ExchangeRefused):
    """Another laptop writes under this one's device code: numbers of both would be given twice."""


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
    "sheet.no_receiver": "Name the person or the place that took it: `--to NAME`.",
    "press.unknown_pack": "See the packs with their numbers: `wardlamp press status`.",
    "press.no_pages": "Print a new sheet with a new serial, and void the old one.",
    "press.no_page": "Give the number that stands in `page n of m`.",
    "press.nothing_unsure": "Look at the sheet: `wardlamp sheet SERIAL`; `wardlamp press reprint` prints it again.",
    "press.still_printing": "Wait until it is out, or take it out of the queue: `wardlamp press cancel`.",
    "exchange.same_device": "Ask the coordinator to give one of the two laptops a new device code.",
    "exchange.forked": "One laptop was restored from an old copy: ask the coordinator to give it a new device code.",
    "exchange.newer": "Update Wardlamp on this laptop, then take the file again.",
    "exchange.wrong_secret": "Type the words that were chosen when the file was made.",
    "numbers.none": "Ask the coordinator for a pack of numbers (`wardlamp numbers deal`), or use a sealed paper pack.",
    "numbers.exhausted": "Take the next sealed paper pack (it has its own prefix), and ask the coordinator for a new pack.",
    "numbers.voided": "Take a sealed paper pack now, and ask the coordinator for a new pack for this laptop.",
    "numbers.other_device": "Take the pack whose file bears this laptop's device code.",
    "numbers.damaged": "Ask the coordinator for the file again; nothing was taken from this one.",
    "numbers.newer": "Update Wardlamp on this laptop, then take the file again.",
    "numbers.wrong_secret": "Type the words that were chosen when the packs were dealt.",
    "numbers.taken": "Ask the coordinator for a new pack: this one is in use.",
    "numbers.overlap": "Ask the coordinator for a new pack, and tell them that two packs hold the same numbers.",
    "numbers.dealt_to_whom": "Give --device with the code of each laptop (`wardlamp doctor` names it), each once.",
    "numbers.size": "Give a size of 1 to 5000.",
    "numbers.other_dealer": "Deal there. One hospital has one dealer, or its packs would overlap.",
    "numbers.dealer_copied": "Deal on the laptop that dealt before. If it is out of use for good, add --former-gone.",
    "numbers.space": "Deal under another prefix: all ten million numbers of this one are used.",
    "numbers.used": "Take the next number. If it is the same person, find them by that number.",
    "numbers.not_yours": "Take the number that this laptop deals, or one of a sealed paper pack.",
    "numbers.spoiled": "Take the next number: a spoiled one is never used again.",
    "numbers.no_name": "Give the temporary name that stands beside the number on the paper pack.",
    "numbers.name_differs": "Leave number and name as they were dealt together.",
    "numbers.no_number": "Take a number first.",
    "image.two_people": "Let a second member of staff give their own name and secret (`--second NAME`).",
    "image.other_images": "Undo the move, then move the images that are meant.",
    "registration.unknown": "Search for the person by name or number.",
    "registration.kept": "Leave number, temporary name and real name as registered; who the person is found to be is an"
    " identification.",
}


def refuse_entry(code: str, message: str) -> EntryRefused:
    return EntryRefused(message, code=code, next_step=_STEPS.get(code))


def refuse_sheet(code: str, message: str) -> SheetRefused:
    return SheetRefused(message, code=code, next_step=_STEPS.get(code))


def refuse_press(code: str, message: str) -> PressRefused:
    return PressRefused(message, code=code, next_step=_STEPS.get(code))


def refuse_exchange(code: str, message: str) -> ExchangeRefused:
    return ExchangeRefused(message, code=code, next_step=_STEPS.get(code))


def refuse_number(code: str, message: str) -> NumberRefused:
    return NumberRefused(message, code=code, next_step=_STEPS.get(code))
