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
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks import (
    appending,
    browsing,
    catching_up,
    commands,
    excel,
    folding,
    forms,
    growing,
    importing,
    indicators,
    loading,
    pages,
    proving,
    rebuilding,
    returns,
    screening,
    sealing,
    ticking,
    waiting,
)
from tests.benchmarks.measure import Figure, own_database, server

Part = Callable[[str], Iterator[Figure]]
RESULTS = Path(".guixue/bench.json")
LARGE_RESULTS = Path(".guixue/bench-large.json")


def on_the_roll(url: str) -> Iterator[Figure]:
    """Load the district's roll, then let both engines catch up with it."""
    with own_database(url, "roll") as own:
        yield from loading.figures(own)
        yield from catching_up.figures(own)


def on_its_own(figures: Part) -> Part:
    def measured(url: str) -> Iterator[Figure]:
        with own_database(url, "measured") as own:
            yield from figures(own)

    return measured


PARTS: dict[str, Part] = {
    "appending": appending.figures,
    "commands": commands.figures,
    "folding": folding.figures,
    "waiting": waiting.figures,
    "rebuilding": rebuilding.figures,
    "excel": excel.figures,
    "loading": on_the_roll,
    "forms": on_its_own(forms.figures),
    "screening": on_its_own(screening.figures),
    "importing": on_its_own(importing.figures),
    "returns": on_its_own(returns.figures),
    "ticking": on_its_own(ticking.figures),
    "sealing": on_its_own(sealing.figures),
    "pages": on_its_own(pages.figures),
    "browsing": on_its_own(browsing.figures),
    "proving": on_its_own(proving.figures),
    "indicators": on_its_own(indicators.figures),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--events", nargs="+", type=int, metavar="LENGTH")
    asked = parser.parse_args()
    parts, results = {name: PARTS[name] for name in asked.only}, RESULTS
    if asked.events:
        parts, results = {"growing": partial(growing.figures, sizes=asked.events)}, LARGE_RESULTS
    sys.exit(not all(figure["met"] for figure in measured(parts, results)))


def measured(parts: Mapping[str, Part], results: Path) -> list[dict[str, Any]]:
    """Measure parts, telling each figure as it is found, then all of them; keep them as JSON."""
    found: list[dict[str, Any]] = []
    console = Console()
    with server() as url:
        for part, figures in parts.items():
            started = time.perf_counter()
            console.print(f"[bold]{part}")
            for figure in figures(url):
                console.print(f"  {figure.name}: {figure.value:,.2f} {figure.unit}", style="dim")
                found.append({"part": part, **figure.told()})
            console.print(f"  ({time.perf_counter() - started:,.0f} s)", style="dim")
    console.print(table_of(found))
    results.parent.mkdir(exist_ok=True)
    told = {
        "at": datetime.now(UTC).isoformat(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "figures": found,
    }
    results.write_text(json.dumps(told, indent=1, ensure_ascii=False), "utf-8")
    return found


def table_of(found: Sequence[Mapping[str, Any]]) -> Table:
    table = Table("figure", "median", "unit", "wanted", "")
    last = None
    for figure in found:
        if figure["part"] != last:
            table.add_section()
            table.add_row(f"[bold]{figure['part']}")
            last = figure["part"]
        verdict = ("met" if figure["met"] else "[red]missed") if figure["wanted"] else ""
        value = f"{figure['value']:,.2f}"
        table.add_row(figure["name"], value, figure["unit"], figure["wanted"], verdict)
    return table


if __name__ == "__main__":
    main()
