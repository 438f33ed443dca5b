"""The command `wardlamp` (DESIGN §5): everything that the window does to data, for scripts and tests.

Exit status: 0 done; 1 refused or failed, with {"error": {code, message, next_step}} on standard output under `--json`
and the same in words on standard error without; 2 wrong usage.
"""

from __future__ import annotations

import json
import sys

from localdb.errors import WardlampError


def main(argv: list[str] | None = None) -> int:
    """Runs one command; without arguments opens the window."""
    words = sys.argv[1:] if argv is None else argv
    for stream in (sys.stdout, sys.stderr):
        # Names of every script go out as UTF-8 whatever the locale of a service or script is.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if not words:
        from desktop.app import main as open_window

        return open_window()
    from desktop.cli.commands import commands
    from desktop.hardening import harden

    harden()
    args = commands().parser.parse_args(words)
    if not hasattr(args, "run"):
        commands().parser.print_usage(sys.stderr)
        return 2
    try:
        return int(args.run(args))
    except WardlampError as refused:
        return _refuse(args.json, refused)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away: nothing more can be said to it
        return 1


def _refuse(as_json: bool, refused: WardlampError) -> int:
    if as_json:
        error = {"code": refused.code, "message": refused.message, "next_step": refused.next_step}
        print(json.dumps({"error": error}, ensure_ascii=False))
    else:
        print(f"{refused.code}: {refused.message} {refused.next_step}", file=sys.stderr)
    return 1
