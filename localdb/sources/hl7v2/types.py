"""Message types: what is read, what is not kept, what a person decides (HL7 v2.8 appendix A, table 0076)."""

from __future__ import annotations

# Acknowledgements and answers to orders and questions: what they say stands in the message that they answer.
_ANSWERS = """
    ACK ADR DSR EAR EDR ERP MCF MFK MFR NMR OPR ORA ORB ORD ORF ORG ORI ORL ORN ORP ORR ORS ORX OSM OSR RAR RCI RCL RDR
    RDY RER RGR ROR RPI RPL RPR RRA RRD RRE RRG RRI RSP RTB SDR SQR SRR SSR SUR TBR TCR VTR VXR VXX BRT BRX ORU_ACK
"""
_QUESTIONS = "EQQ QBP QCN QRY QSB QSX QVR RQC RQI RQP RQQ SPQ SQM SSU_Q VQQ VXQ NMQ MFQ OSQ"
_MONEY = "BAR DFT EHC INR PIN RPA RQA RPR"
_ADMINISTRATION = """
    MFN MFD NMD PMU CRM CSU SRM SDN STC SCN SLN SLR SMD SLI LSU LSR EAC EAN ESR ESU INU TCU UDM OMS STS SSU INV PTR_ACK
"""
NOT_KEPT: dict[str, str] = {
    **dict.fromkeys(_ANSWERS.split(), "an acknowledgement or an answer"),
    **dict.fromkeys(_QUESTIONS.split(), "a question to a system"),
    **dict.fromkeys(_MONEY.split(), "financial"),
    **dict.fromkeys(_ADMINISTRATION.split(), "administrative: it says nothing of a patient's care"),
}
# ADT events that say nothing of one patient: the answer to a query (A19), a bed's own state (A20).
NOT_KEPT_EVENTS = {
    "ADT^A19": "an acknowledgement or an answer",
    "ADT^A20": "the state of a bed that nobody lies in",
}
PERSON_DELETED = "ADT^A29"
# ADT events that tell of the person only; a PV1 stands there for form's sake.
PERSON_EVENTS = frozenset({"A24", "A28", "A29", "A30", "A31", "A37", "A39", "A40", "A43", "A46", "A47", "A48", "A49"})
RESULTS = frozenset({"ORU", "OUL", "OPU"})
ORDERS = frozenset({"ORM", "OMG", "OML", "OMI", "OMD", "OMN", "OMB", "OSU", "REF", "OPL"})
MEDICINES = frozenset({"RDE", "RDS", "RAS", "RGV", "OMP"})
KNOWN = RESULTS | ORDERS | MEDICINES | {"ADT", "PPR", "VXU", "SIU", "MDM"}
