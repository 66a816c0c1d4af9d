"""Every benchmark in one run: a table on the terminal, and the figures as JSON.

Exits 1 if a figure misses what is wanted of it. `--only appending waiting` runs parts;
`--events 10000 1000000` measures growth instead, at logs of such sizes.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks import (
    appending,
    catching_up,
    commands,
    loading,
    pages,
    sealing,
)
from tests.benchmarks.measure import Figure, own_database, server

RESULTS = Path(".guixue/bench.json")
LARGE_RESULTS = Path(".guixue/bench-large.json")


def on_the_roll(url: str) -> Iterator[Figure]:
    """Load the district's roll, then let both engines catch up with it."""
    with own_database(url, "roll") as own:
        yield from loading.figures(own)
        yield from catching_up.figures(own)


def on_its_own(figures: Callable[[str], Iterator[Figure]]) -> Callable[[str], Iterator[Figure]]:
    def measured(url: str) -> Iterator[Figure]:
        with own_database(url, "measured") as own:
            yield from figures(own)

    return measured


PARTS: dict[str, Callable[[str], Iterator[Figure]]] = {
    "appending": appending.figures,
    "commands": commands.figures,
    "loading": on_the_roll,
    "sealing": on_its_own(sealing.figures),
    "pages": on_its_own(pages.figures),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    only = parser.parse_args().only
    found: list[dict[str, object]] = []
    console = Console()
    table = Table("part", "figure", "median", "unit", "wanted", "")
    missed = False
    with server() as url:
        for part in only:
            console.print(f"{part} …")
            started = time.perf_counter()
            for figure in PARTS[part](url):
                verdict = ("met" if figure.met else "[red]missed") if figure.wanted else ""
                table.add_row(
                    part, figure.name, f"{figure.value:,.2f}", figure.unit, figure.wanted, verdict
                )
                found.append({"part": part, **figure.told()})
                missed = missed or not figure.met
            console.print(f"{part}: {time.perf_counter() - started:,.0f} s")
    console.print(table)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(
        json.dumps(
            {
                "at": datetime.now(UTC).isoformat(),
                "python": platform.python_version(),
                "cores": os.cpu_count(),
                "figures": found,
            },
            indent=1,
            ensure_ascii=False,
        )
    )
    sys.exit(missed)


if __name__ == "__main__":
    main()
