"""Messages to begin with, as the fuzzer wants them: two bytes that choose the cutting, then a stream.

python tests/fuzz/seeds.py FOLDER
"""

import hashlib
import os
import sys
from pathlib import Path

HEADER = "MSH|^~\\&|LAB|HOSP|WL|WARD|20261126120000+0000||{type}|C1|P|2.5.1{more}\r"
PATIENT = "PID|1||4711^^^HOSP^MR~9434765919^^^NHS^NH||Example^Ann^^^Mrs||19500101|F\r"
MADE = {
    "adt": HEADER
    + "EVN|A01|20261126115900\r"
    + PATIENT
    + "PV1|1|I|W1^R2^B3|||||||||||||||||V1\rAL1|1|DA|1^Penicillin\r",
    "oru": HEADER + PATIENT + "ORC|RE|P1|F1\rOBR|1|P1|F1|FBC^Full count|||202611261100\r"
    "OBX|1|NM|HB^Haemoglobin||<7.5|g/dL|12-16|LL|||F\rNTE|1||seen \\T\\ phoned\r"
    "OBX|2|ED|PDF||^AP^PDF^Base64^JVBERi0=||||||F\r",
    "a40": HEADER + "EVN|A40|20261126115900\r" + PATIENT + "MRG|4712^^^HOSP^MR\r",
    "siu": HEADER + "SCH|1|2||||||||||^^^202612011000\r" + PATIENT,
    "rde": HEADER + PATIENT + "ORC|NW|1\rRXE|^^^202611261200|1^Amoxicillin|500||mg\rRXR|PO\r",
    "mdm": HEADER + PATIENT + "TXA|1|CN|TX|202611261200||||||||D1\rOBX|1|TX|||a letter||||||F\r",
    "vxu": HEADER + PATIENT + "ORC|RE||1\rRXA|0|1|20260101||08^HepB|1\r",
    "batch": "FHS|^~\\&|L\rBHS|^~\\&|L\r" + HEADER + PATIENT + "BTS|1\rFTS|1\r",
    "xml": '<?xml version="1.0"?><ADT_A01 xmlns="urn:hl7-org:v2xml"><MSH><MSH.1>|</MSH.1><MSH.9><MSG.1>ADT</MSG.1>'
    "<MSG.2>A01</MSG.2></MSH.9><MSH.10>9</MSH.10></MSH><PID><PID.3><CX.1>7</CX.1></PID.3></PID></ADT_A01>",
}
TYPES = {"adt": "ADT^A01", "oru": "ORU^R01", "a40": "ADT^A40", "siu": "SIU^S12", "rde": "RDE^O11", "mdm": "MDM^T02",
         "vxu": "VXU^V04", "batch": "ADT^A08", "xml": ""}  # fmt: skip


def seeds():
    """Streams of bytes."""
    for name, text in MADE.items():
        message = text.replace("{type}", TYPES[name]).replace("{more}", "").encode()
        yield message
        yield b"\x0b" + message + b"\x1c\r\x0b" + message + b"\x1c\r"
        yield message.replace(b"\r", b"\n")
    given = os.environ.get("WARDLAMP_DATA")
    for file in sorted(Path(given, "hl7v2").rglob("*")) if given else ():
        if file.is_file() and file.stat().st_size <= 4000:
            yield file.read_bytes()


if __name__ == "__main__":
    for seed in seeds():
        name = hashlib.sha256(seed).hexdigest()[:16]
        Path(sys.argv[1], f"seed-{name}").write_bytes(b"\x07\xff" + seed)
