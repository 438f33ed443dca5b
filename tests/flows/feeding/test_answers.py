"""What the real service answers: once taken, the same, altered, unreadable, huge; and what is in the intake then."""

import asyncio
import re

from localdb.sources.mllp.client import Client, Patience
from tests.flows.feeding.serving import Service, result_message

ONCE = Patience(tries=1, answer=60)


def test_each_message_gets_the_answer_that_its_fate_has(tmp_path):
    service = Service(tmp_path).start()
    first = result_message("M1", 1)
    altered = first.replace(b"mmol/L", b"umol/L")
    nobody = re.sub(rb"PID\|1\|\|[^|]*", b"PID|1||", result_message("M2", 1))
    large = (
        result_message("M3", 3) + b"OBX|2|ED|PDF^Report||^AP^PDF^Base64^" + b"QUJD" * (50 * 1024 * 256) + b"||||||F\r"
    )

    async def story():
        async with Client("127.0.0.1", service.port, patience=ONCE) as client:
            return [
                await client.send(m) for m in (first, first, altered, altered, nobody, large, result_message("M4", 4))
            ]

    try:
        said = asyncio.run(story())
        half = b"\x0b" + result_message("M5", 5)[:90]

        async def breaking_off():
            _, writer = await asyncio.open_connection("127.0.0.1", service.port)
            writer.write(half)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
            async with Client("127.0.0.1", service.port, patience=ONCE) as client:
                return await client.send(result_message("M6", 6))

        assert asyncio.run(breaking_off()).code == "AA"
    finally:
        assert service.stop() == 0
    codes = [(s.code, s.control_id) for s in said]
    assert codes[:5] == [("AA", "M1"), ("AA", "M1"), ("AR", "M1"), ("AR", "M1"), ("AR", "M2")]
    assert said[2].reason == "hl7.control_id_reused" and said[4].reason == "hl7.no_patient"
    assert codes[5][1] == "M3" and codes[5][0] in ("AA", "AR")  # whether so large a file is held is the reader's to say
    assert codes[6] == ("AA", "M4")
    house = service.opened()
    with house.intake() as intake:
        taken = [s.split("|")[2] for (s,) in intake.connection.execute("select source_id from unit")]
        aside = dict(intake.connection.execute("select code, times from aside").fetchall())
    house.close()
    assert taken.count("M1") == taken.count("M4") == taken.count("M6") == 1
    assert aside["hl7.control_id_reused"] == 2 and aside["hl7.no_patient"] == 1 and aside["mllp.half_frame"] == 1
    assert ("M3" in taken) == (codes[5][0] == "AA")
