"""HL7 v2 by network: MLLP framing, acknowledgements, a listener and a client (HL7 v2 appendix C, MLLP release 1).

It knows no store: what arrives is handed to a `Take` (exchange.py) and is answered when that returns.
"""
