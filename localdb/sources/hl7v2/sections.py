"""Which department a report is of: OBR-24 (table 0074), the site's own codes, else what its results are."""

from __future__ import annotations

from localdb.sources.hl7v2.grouping import Order
from localdb.sources.profiles import SourceProfile

LABORATORY, IMAGING, VITAL_SIGNS, OTHER = "laboratory", "imaging", "vital-signs", ""
_LABORATORY = frozenset(
    "LAB BG CH HM MB MCB MYC SR TX IMM BLB CG CP GE OSL PAT SP VR CHM HEM MOL SPMOL GEN NBS TOX".split()
)
_IMAGING = frozenset("RAD RX CT NMR MR MRI US NMS RUS CUS VUS OUS XRC NRS PET PT RT DX CR MG NM XA RF".split())
MODALITIES = _IMAGING - frozenset({"RAD", "XRC", "NRS", "RT"})  # table 0074: how it was made, not only by whom
_OTHER = frozenset("EC EN PF PHY OT RC CTH AU".split())
# LOINC of what a ward measures at the bed (HL7 FHIR R4 vital signs profile, and NEWS2's own).
_VITAL = frozenset(
    "85353-1 9279-1 8867-4 2708-6 59408-5 8310-5 8302-2 9843-4 29463-7 39156-5 85354-9 8480-6 8462-4 8478-0 8716-3 "
    "35094-2 67775-7 80288-4".split()
)
_DEVICE_SYSTEMS = frozenset({"MDC", "WELCHALLYN"})  # IEEE 11073: what a bedside monitor sends


def section_of(order: Order, code: str, profile: SourceProfile) -> str:
    """laboratory, imaging, vital-signs, or "" where it is none of them; `code` = MSH-9.1.

    Beyond what was said: results that come as ORU or OUL are the laboratory's unless a bedside device's codes or vital
    signs' LOINC say otherwise, because a result that nobody lists is worse than one on the laboratory's list.
    """
    obr = order.obr
    if obr is None:
        return OTHER if code not in ("ORU", "OUL") else _by_results(order)
    sent, own = obr.text(24).upper(), {obr.text(4, 1), obr.text(4, 4), obr.text(24)} - {""}
    if own & set(profile.laboratory):
        return LABORATORY
    if own & set(profile.imaging):
        return IMAGING
    if sent in _LABORATORY:
        return LABORATORY
    if sent in _IMAGING:
        return IMAGING
    if sent in _OTHER:
        return OTHER
    return _by_results(order) if code in ("ORU", "OUL") else OTHER


def _by_results(order: Order) -> str:
    if order.obr is not None and "vital sign" in f"{order.obr.text(4, 2)} {order.obr.text(4, 1)}".casefold():
        return VITAL_SIGNS
    measured = [s.obx for s in order.seen]
    bedside = [
        o.text(3, 3).upper() in _DEVICE_SYSTEMS or o.text(3, 6).upper() in _DEVICE_SYSTEMS or o.text(3, 1) in _VITAL
        for o in measured
    ]
    return VITAL_SIGNS if bedside and all(bedside) else LABORATORY
