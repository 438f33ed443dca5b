"""The root of Wardlamp's errors.

    WardlampError
    ├── InputRefused      what was given (file, message, typing, network answer) cannot be taken; the giver can act
    ├── EnvironmentFault  the world failed (disk, key, network, printer); the ward or IT can act
    └── HouseFault        we broke a rule of our own; the maker must act

Each error has a stable `code` (`area.cause`, DESIGN D13) and a `next_step`; neither they nor the message ever hold
patient data, SQL or paths below the vault. The wording of each code stands in `resources/codes/errors.toml`, which the
help shows.
"""

from __future__ import annotations


class WardlampError(Exception):
    """Base of everything that Wardlamp raises on purpose.

    `code` is `area.cause`; `next_step` is one sentence that tells the reader what to do now.
    """

    code: str = "wardlamp.fault"
    next_step: str = "Close Wardlamp, open it again, and tell the coordinator if it happens twice."

    def __init__(self, message: str, *, code: str | None = None, next_step: str | None = None) -> None:
        super().__init__(message)
        self.code = code or type(self).code
        self.next_step = next_step or type(self).next_step

    @property
    def message(self) -> str:
        return str(self.args[0])


class InputRefused(WardlampError):
    """What was given cannot be taken as it is."""

    code = "input.refused"
    next_step = "Correct what was given and try again."


class EnvironmentFault(WardlampError):
    """The world outside failed."""

    code = "environment.fault"
    next_step = "Ask IT to look at this laptop."


class HouseFault(WardlampError):
    """A rule of our own was broken: nothing was written."""

    code = "house.fault"
