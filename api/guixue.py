"""The `guixue` command: `verify` starts at once, all the others (in `cli.py`) with the service."""

import sys


def main() -> int:
    """Run the command; returns the exit code."""
    if sys.argv[1:2] == ["verify"]:
        from api import verifier_file  # noqa: PLC0415  # nothing else is loaded for it

        return verifier_file.main(sys.argv[2:])
    try:
        from api import cli  # noqa: PLC0415

        cli.main()
    except KeyboardInterrupt:
        return 130
    return 0
