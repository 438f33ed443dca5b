"""Why an entry is where it is: one table of codes and plain words, no patient data in any of them.

A reason reads `code: words`; `{…}` in the words takes a status code, an id of ours or a count, never a server's text
(which may quote the patient).
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    "restore.queued": "it is in the queue",
    "restore.there": "it was read back at the target",
    "restore.patient_unknown": "the target holds no patient with this NHS number or hospital number",
    "restore.patient_ambiguous": "the target holds {count} patients with this number",
    "restore.patient_differs": "the patient with this number has another name and date of birth at the target",
    "restore.patient_unsearchable": "the target cannot look up patients by number",
    "restore.no_identity": "the entry names no NHS number and no hospital number",
    "restore.temporary": "temporary patient: match first, then enter it under the number that PAS gives",
    "restore.body": "this kind of entry, or its content, cannot be sent as a resource yet",
    "restore.refused": "the target does not take it (status {status})",
    "restore.partly": "the target took {held} of {count} parts and not the rest (status {status})",
    "restore.provenance_refused": "the target took the entry, but not the record of who wrote it (status {status})",
    "restore.no_answer": "a request left and no answer came; the next send asks the target first",
    "restore.failing": "the target fails (status {status}); the next send tries again",
    "restore.not_sent": "nothing left for the target",
    "restore.waits_for": "it waits for the entry that it corrects ({entry})",
    "restore.first_missing": "the entry that it corrects ({entry}) is not on this laptop",
    "restore.first_not_there": "the entry that it corrects ({entry}) cannot be found at the target",
    "restore.first_refused": "the target does not let the corrected entry ({entry}) be marked (status {status})",
    "restore.changed_there": "the corrected entry ({entry}) keeps being changed by others at the target",
    "restore.overwritten": "the target let our mark on the corrected entry ({entry}) go over someone's change",
    "restore.no_version": "the target gives no version, so the corrected entry ({entry}) cannot be marked safely",
    "restore.unsearchable": "an answer was lost and the target cannot be searched by identifier",
    "restore.doubled": "the target holds it more than once",
    "restore.other_patient": "the target holds it for another patient",
    "restore.vanished": "the target said that it took it, but it is not there",
    "restore.plan_new": "it would be sent: {made}, and who wrote it",
    "restore.plan_correction": "it would be sent: {made}, and who wrote it; the entry {entry} would be marked",
    "restore.plan_there": "the target holds it already; sending would only confirm it",
    "restore.person_there": "a person said that it is there already",
    "restore.person_again": "a person said to send it again",
    "restore.person_hand": "a person will enter it by hand",
}


def reason(code: str, **facts: object) -> str:
    """`code: words` with the facts filled in."""
    return f"{code}: {WORDS[code].format(**facts)}"
