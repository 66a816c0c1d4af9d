"""
The README's table, from the last runs: `python -m tests.benchmarks.telling` writes it.

Parts that were not run keep the figures they had, with their day.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.run import LARGE_RESULTS, PARTS, RESULTS

README = Path("README.md")
MARKED = re.compile(r"(<!-- measured -->\n)(.*?)(<!-- end -->)", re.DOTALL)
ORDER = [*PARTS, "growing"]


def rows_of(run: dict[str, Any]) -> Iterator[list[str]]:
    """Give a row for each figure of a run that something is wanted of."""
    for figure in run["figures"]:
        if figure["wanted"]:
            name = figure["name"].removeprefix("… ")
            value = f"{figure['value']:,.2f} {figure['unit']}"
            verdict = "met" if figure["met"] else "**missed**"
            yield [figure["part"], name, value, figure["wanted"], verdict, run["at"][:10]]


def rows_in(table: str) -> Iterator[list[str]]:
    """Give the rows a table has."""
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == 6 and cells[0] not in {"Part", "---"}:
            yield cells


def told(before: str, runs: list[dict[str, Any]]) -> str:
    """Give the table with what the runs measured in the place of what it had of their parts."""
    fresh = [row for run in runs for row in rows_of(run)]
    parts = {row[0] for row in fresh}
    rows = [row for row in rows_in(before) if row[0] not in parts] + fresh
    rows.sort(key=lambda row: ORDER.index(row[0]) if row[0] in ORDER else len(ORDER))
    lines = ["| Part | Figure | Median | Wanted | | Measured on |"]
    lines += ["| --- | --- | ---: | --- | --- | --- |"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def main() -> None:
    runs = [
        json.loads(path.read_text("utf-8")) for path in (RESULTS, LARGE_RESULTS) if path.exists()
    ]
    text = README.read_text("utf-8")
    README.write_text(MARKED.sub(lambda m: m[1] + told(m[2], runs) + m[3], text), "utf-8")


if __name__ == "__main__":
    main()
