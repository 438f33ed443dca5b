"""What `doctor` looks at: is this laptop ready to carry a ward through a downtime (DESIGN D1, D10; CLINICAL H23, H24)?"""

from __future__ import annotations

import shutil

from localdb.house import House
from localdb.vault.staff import mend
from localdb.vault.unlocking import slot_list


def findings_of(house: House) -> list[dict[str, str]]:
    """Findings {level fault/caution, code, text}: none means ready. No patient data."""
    found: list[dict[str, str]] = []

    def add(level: str, code: str, text: str) -> None:
        found.append({"level": level, "code": code, "text": text})

    for name in mend(house.vault):
        add("caution", "vault.mended", f"{name} did not verify and was written anew from its twin.")
    if not any(s.kind == "recovery" for s in slot_list(house.vault)):
        add("caution", "vault.no_recovery", "No recovery slot: a forgotten secret would lock this copy for good.")
    used, pinned = house.generations.pointer()
    if not used:
        add("fault", "generation.none", "Nothing was cut yet: there is no copy to read.")
    else:
        snapshot = house.reading().snapshot
        if snapshot.fallen_back:
            add("fault", "vault.damaged", "The newest generation does not verify; an earlier one is read.")
        for name in snapshot.verify():
            add("fault", "vault.damaged", f"The bytes of layer {name} are not those that were cut.")
        if pinned:
            add("caution", "generation.held", f"Reading is held at generation {used}.")
        for age in house.reading().sources():
            if age.cut is None:
                add("caution", "source.no_cut", f"Source {age.source}: what it is complete to is not known.")
    if not house.journal.verify().ok:
        add("fault", "journal.broken", "The journal does not verify: run `wardlamp audit verify`.")
    free = shutil.disk_usage(house.vault).free
    held = sum(p.stat().st_size for p in (house.vault / "layers").glob("*.db"))
    if free < max(2 * held, 200 << 20):
        add("fault", "disk.full", "The disk has less than twice the copy's size free: cuts will stop.")
    if not house.site["hospital"]:
        add("caution", "settings.none", "No site settings: sheets will not name the hospital.")
    add("caution", "print.spool", "Ask IT that the print spool keeps no jobs and lies on an encrypted disk.")
    return found
