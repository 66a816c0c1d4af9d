"""The README's table, from the last runs: `python -m tests.benchmarks.telling` writes it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.run import LARGE_RESULTS, RESULTS

README = Path("README.md")
MARKED = re.compile(r"(<!-- measured -->\n).*?(<!-- end -->)", re.DOTALL)


def lines() -> Iterator[str]:
    """Give a line for each figure that something is wanted of."""
    runs = [
        json.loads(path.read_text("utf-8")) for path in (RESULTS, LARGE_RESULTS) if path.exists()
    ]
    days = sorted({run["at"][:10] for run in runs})
    yield f"Measured on {' and '.join(days)} with {runs[0]['cores']} cores."
    yield ""
    yield "| Part | Figure | Median | Wanted | |"
    yield "| --- | --- | ---: | --- | --- |"
    for run in runs:
        for figure in run["figures"]:
            if figure["wanted"]:
                name = figure["name"].removeprefix("… ")
                value = f"{figure['value']:,.2f} {figure['unit']}"
                verdict = "met" if figure["met"] else "**missed**"
                yield f"| {figure['part']} | {name} | {value} | {figure['wanted']} | {verdict} |"


def main() -> None:
    table = "\n".join(lines()) + "\n"
    text = README.read_text("utf-8")
    README.write_text(MARKED.sub(lambda found: found[1] + table + found[2], text), "utf-8")


if __name__ == "__main__":
    main()
