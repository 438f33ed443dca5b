"""The command line's words (DESIGN §5). One parser per command; `--json` and the vault's options on each."""

from __future__ import annotations

import argparse
from collections.abc import Callable

Run = Callable[["argparse.Namespace"], "int"]


def _common() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print one JSON object on standard output")
    common.add_argument("--vault", metavar="DIR", help="the vault (or WARDLAMP_VAULT)")
    common.add_argument("--staff", metavar="NAME", help="who acts (or WARDLAMP_STAFF); not needed while there is one")
    common.add_argument("--secret-file", metavar="FILE", help="file with the secret (or WARDLAMP_SECRET_FILE)")
    return common


class Commands:
    """Collects the commands; each module of `desktop.cli` adds its own."""

    def __init__(self) -> None:
        self.parser = argparse.ArgumentParser(
            prog="wardlamp",
            description="Keeps a ward working when its networked systems are down. Without a command: opens the window.",
        )
        self._subs = self.parser.add_subparsers(dest="command", metavar="COMMAND")
        self._common = _common()

    def add(self, name: str, help_: str, run: Run | None = None) -> argparse.ArgumentParser:
        made = self._subs.add_parser(name, help=help_, description=help_, parents=[self._common], allow_abbrev=False)
        if run is not None:
            made.set_defaults(run=run)
        return made

    def group(self, name: str, help_: str) -> Callable[[str, str, Run], argparse.ArgumentParser]:
        """A command with sub-commands; answers with what adds one."""
        made = self._subs.add_parser(name, help=help_, description=help_)
        subs = made.add_subparsers(dest="action", metavar="ACTION", required=True)

        def add(action: str, text: str, run: Run) -> argparse.ArgumentParser:
            sub = subs.add_parser(action, help=text, description=text, parents=[self._common], allow_abbrev=False)
            sub.set_defaults(run=run)
            return sub

        return add
