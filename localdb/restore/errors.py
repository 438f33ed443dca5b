"""What stops a whole restoration; what stops one entry is a reason (`reasons.py`), never an error.

EnvironmentFault
├── Unreachable   nothing answers there, or it fails at every request: nothing more is sent
├── NotAllowed    it answers, but does not let us in (token missing, expired or without rights)
└── NotFhir       something answers, but it is no FHIR R4 server (captive portal, wrong path)
InputRefused
└── DecisionRefused  a person's decision does not fit the entry
"""

from __future__ import annotations

from localdb.errors import EnvironmentFault, HouseFault, InputRefused


class Unreachable(EnvironmentFault):
    """The target cannot be reached. What was under way is looked up at the next `send`."""

    code = "restore.unreachable"
    next_step = "Check the address and the network, then send again: nothing is lost and nothing goes twice."


class NotAllowed(EnvironmentFault):
    """The target answers 401 or 403."""

    code = "restore.not_allowed"
    next_step = "Ask the hospital's integration team for a valid token file, then send again."


class NotFhir(EnvironmentFault):
    """What answers is no FHIR R4 server."""

    code = "restore.not_fhir"
    next_step = "Check the address: it must be the base URL of the hospital's FHIR R4 server."


class BadTarget(InputRefused):
    """The address or the token file cannot be used as given."""

    code = "restore.bad_target"
    next_step = "Give a base URL that begins with https:// or http://, and a token file that can be read."


class DecisionRefused(InputRefused):
    """A decision for an entry that is not there or that waits for none."""

    code = "restore.decision"
    next_step = "Look at `restore status`: only an entry that is refused or needs a person can be decided."


class StateBroken(HouseFault):
    """A delivery took a step that the table in `states.py` does not know."""

    code = "restore.state"
