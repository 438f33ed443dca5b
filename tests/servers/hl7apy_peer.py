"""hl7apy's MLLP server as a counterpart: python tests/servers/hl7apy_peer.py PORT; knows ADT^A01 alone, AR for others."""

import sys

from hl7apy.mllp import AbstractErrorHandler, AbstractHandler, MLLPServer


def answer(text, code):
    control = text.lstrip("\x0b").split("|")[9]
    return f"\x0bMSH|^~\\&|PEER|PEER|WL|WL|20260101||ACK|A1|P|2.5.1\rMSA|{code}|{control}\r\x1c\r"


class Taking(AbstractHandler):
    def reply(self):
        return answer(self.incoming_message, "AA")


class Refusing(AbstractErrorHandler):
    def reply(self):
        return answer(self.incoming_message, "AR")


server = MLLPServer("127.0.0.1", int(sys.argv[1]), {"ADT^A01^ADT_A01": (Taking,), "ERR": (Refusing,)})
print("listening", flush=True)
server.serve_forever()
