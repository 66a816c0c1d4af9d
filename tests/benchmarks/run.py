"""Every benchmark in one run: a table on the terminal, and the figures as JSON.

Exits 1 if a figure misses what is wanted of it. `--only loading` runs a part.
"""

import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from tests.benchmarks import catching_up, loading, pages, sealing
from tests.benchmarks.measure import Figure, server

RESULTS = Path(".guixue/bench.json")


def main() -> None:
    only = (
        sys.argv[2:]
        if sys.argv[1:2] == ["--only"]
        else ["loading", "catching_up", "sealing", "pages"]
    )
    found: list[Figure] = []
    with server() as url:
        if "loading" in only or "catching_up" in only:
            measured = list(loading.figures(url))
            found += measured if "loading" in only else []
        if "catching_up" in only:
            found += catching_up.figures(url)
        if "sealing" in only:
            found += sealing.figures(url)
        if "pages" in only:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("SET guixue.preparing = 'on'")
                connection.execute(
                    "DROP SCHEMA IF EXISTS log, keys, views, access, directory CASCADE"
                )
            found += pages.figures(url)
    table = Table("figure", "median", "unit", "wanted", "")
    for figure in found:
        verdict = ("met" if figure.met else "[red]missed") if figure.wanted else ""
        table.add_row(figure.name, f"{figure.value:,.2f}", figure.unit, figure.wanted, verdict)
    Console().print(table)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(
        json.dumps(
            {
                "at": datetime.now(UTC).isoformat(),
                "python": platform.python_version(),
                "cores": os.cpu_count(),
                "figures": [figure.told() for figure in found],
            },
            indent=1,
        )
    )
    sys.exit(not all(figure.met for figure in found))


if __name__ == "__main__":
    main()
