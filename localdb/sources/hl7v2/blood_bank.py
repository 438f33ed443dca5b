"""Blood group, antibodies and special requirements by the site's own mapping (CLINICAL §3.3).

Laboratories name these by their own codes. A site says which they are, for example in site.toml:

    [sources.lims]
    blood_group = ["ABORH", "GROUP"]           # OBX-3 codes of the ABO and RhD group
    antibodies = ["ABSCR", "ABID"]             # antibody screen and identification
    requirements = ["SPREQ", "IRRAD", "CMVN"]  # irradiated, CMV-negative, washed … units

The LOINC codes 882-1, 883-9, 10331-7 and 890-4 are known without one. Groups that contradict each other stay as they
were sent: localdb never chooses one.
"""

from __future__ import annotations

from localdb.records.vocabulary import Alert, Coding, Result
from localdb.sources.hl7v2.context import MessageContext
from localdb.sources.hl7v2.message import Segment
from localdb.sources.hl7v2.statuses import WITHDRAWN
from localdb.sources.profiles import SourceProfile

LOINC = "http://loinc.org"
GROUP = Coding(LOINC, "882-1", "ABO and Rh group")
SCREEN = Coding(LOINC, "890-4", "Blood group antibody screen")
CATEGORY = "Transfusion requirements"


def blood_codes(obx: Segment, codes: tuple[Coding, ...], profile: SourceProfile) -> tuple[Coding, ...]:
    """The codes as sent, with LOINC's where the site says that they are a blood group or antibodies."""
    own = {obx.text(3, 1), obx.text(3, 4)} - {""}
    for mine, loinc in ((profile.blood_group, GROUP), (profile.antibodies, SCREEN)):
        if own & set(mine) and loinc.code not in {c.code for c in codes}:
            codes = (*codes, loinc)
    return codes


def requirement(obx: Segment, result: Result, at: MessageContext) -> Alert | None:
    """The alert of a special requirement, beside its result; None where the site does not call it one."""
    if not {obx.text(3, 1), obx.text(3, 4)} & set(at.profile.requirements) - {""}:
        return None
    status = WITHDRAWN if result.status == WITHDRAWN else "active" if result.value else "inactive"
    return Alert(
        **at.common("Flag", f"Observation/{result.source_id}"),
        happened=result.happened,
        said=result.said,
        status=status,
        codes=result.codes,
        text=f"{result.text}: {result.value}" if result.value else result.text,
        comments=result.comments,
        category=CATEGORY,
    )
