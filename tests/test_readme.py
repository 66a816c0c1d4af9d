"""The README tells the truth: its walk-through runs, its tables are the code's.

`python -m tests.test_readme` writes the tables anew.
"""

import ast
import asyncio
import json
import re
import sys
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from api.app import create_app
from api.demo.accounts import DEMO_ACCOUNTS, PASSWORD
from api.demo.district import TEACHERS_CLASS, children, demo_school, schools
from api.demo.loading import LOADER
from api.service import running
from api.settings import Settings
from domain.entry import Entry
from domain.student import Student
from domain.subject import Fact
from projections.fact_words import FACT_WORDS
from projections.indicators import INDICATORS
from projections.sentences import kind_label
from tests.settings import quiet

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
FOLDERS = ("domain", "application", "projections", "api")
MARKED = r"<!-- {name} -->\n(.*?)<!-- end -->"
ANYTHING = "…"


def events() -> str:
    """Every kind of entry, in the order in which `Student` names the parts of its life."""
    kinds = [
        kind
        for part in Student.__bases__
        for kind in vars(sys.modules[part.__module__]).values()
        if kind in Entry.__subclasses__() and kind.__module__ == part.__module__
    ]
    assert set(kinds) == {kind for kind in Entry.__subclasses__() if "TOPIC" in vars(kind)}
    return "".join(f"| {' | '.join(told_of(kind))} |\n" for kind in kinds)


def told_of(kind: type[Entry]) -> tuple[str, str, str]:
    name = kind.entry_kind()
    meaning = (kind.__doc__ or "").strip().partition("\n")[0].replace("``", "`")
    return f"`{name}`", kind_label(name, "zh"), meaning


def facts() -> str:
    """Every kind of fact that is in no child's stream, in the order of their words."""
    kinds = {kind.TOPIC: kind for kind in Fact.__subclasses__()}
    lines = []
    for topic, (label, _) in FACT_WORDS.items():
        meaning = " ".join((kinds[topic].__doc__ or "").strip().partition("\n\n")[0].split())
        lines.append(f"| `{topic}` | {label} | {meaning.replace('``', '`')} |\n")
    return "".join(lines)


def configuration() -> str:
    return "".join(
        f"| `GUIXUE_{name.upper()}` | {field.description}; default `{field.default}` |\n"
        for name, field in Settings.model_fields.items()
    )


def house() -> str:
    """Every module with the promise of its first line."""
    lines = []
    for folder in FOLDERS:
        lines.append(f"**`{folder}/`** {promise(ROOT / folder / '__init__.py')}\n\n")
        lines += [
            f"- `{place.relative_to(ROOT)}` {promise(place)}\n"
            for place in sorted((ROOT / folder).rglob("*"))
            if place.suffix in {".py", ".sql"} and place != ROOT / folder / "__init__.py"
        ]
        lines.append("\n")
    return "".join(lines)


def promise(place: Path) -> str:
    text = place.read_text("utf-8")
    if place.suffix == ".sql":
        return text.partition("\n")[0].removeprefix("-- ")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def indicators() -> str:
    """Every indicator with its definition, as the API gives it."""
    return "".join(
        f"| `{one.name}` | {one.label[0]} | {one.definition('en')} | {one.source} |\n"
        for one in INDICATORS
    )


TABLES = {
    "events": events,
    "facts": facts,
    "configuration": configuration,
    "house": house,
    "indicators": indicators,
}


def test_the_tables_are_the_code() -> None:
    text = README.read_text("utf-8")
    for name, made in TABLES.items():
        found = re.search(MARKED.format(name=name), text, re.DOTALL)
        assert found is not None
        assert found[1] == made(), "run python -m tests.test_readme"


def test_every_file_keeps_one_promise() -> None:
    without = [
        str(place)
        for folder in FOLDERS
        for place in (ROOT / folder).rglob("*.py")
        if not promise(place)
    ]
    assert without == []


@pytest.mark.empty_database
async def test_the_walk_through_answers_as_shown(database_url: str, tmp_path: Path) -> None:
    section = README.read_text("utf-8").partition("## One case")[2].partition("\n## ")[0]
    blocks = re.findall(r"```(sh|json)\n(.*?)```", section, re.DOTALL)
    app = create_app(
        partial(
            running,
            database_url,
            quiet(tmp_path),
        )
    )
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", access_log=False)
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    await a_class_of_the_demo(app.state.service)
    port = server.servers[0].sockets[0].getsockname()[1]
    mark = "---8<---"
    script = f"\necho '{mark}'\n".join(told for kind, told in blocks if kind == "sh")
    bash = await asyncio.create_subprocess_exec(
        "bash",
        "-eu",
        "-c",
        script.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{port}"),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await bash.communicate()
    server.should_exit = True
    await serving

    answers = [json.loads(answer) for answer in said.decode().split(mark)[1:]]
    shown = [json.loads(told) for kind, told in blocks if kind == "json"]
    assert len(answers) == len(shown) > 10
    for answer, wanted in zip(answers, shown, strict=True):
        assert alike(answer, wanted), f"{answer}\n{wanted}"


async def a_class_of_the_demo(service: Any) -> None:
    """The demo's schools and accounts, and the teacher's class."""
    await service.directory.add(service.pool, schools())
    await service.accounts.create(DEMO_ACCOUNTS, PASSWORD, demo=True)
    seats = (*TEACHERS_CLASS, demo_school().code)
    drafts = [
        service.tracking.drafted(LOADER, **child.facts)
        for child in children(date(2026, 11, 24))
        if (child.facts["grade"], child.facts["class_name"], child.facts["school_code"]) == seats
    ]
    recorded = await service.tracking.enrol_all(LOADER, drafts, {})
    await service.freshness.reached(recorded.position, 30)


def alike(answer: Any, shown: Any) -> bool:
    """Compare, where `…` stands for anything."""
    if shown == ANYTHING:
        return True
    if isinstance(shown, str) and ANYTHING in shown:
        return isinstance(answer, str) and bool(
            re.fullmatch(".+".join(map(re.escape, shown.split(ANYTHING))), answer)
        )
    if isinstance(shown, dict):
        return (
            isinstance(answer, dict)
            and list(answer) == list(shown)
            and all(alike(answer[name], shown[name]) for name in shown)
        )
    if isinstance(shown, list):
        return len(answer) == len(shown) and all(map(alike, answer, shown))
    return bool(answer == shown)


def write() -> None:
    text = README.read_text("utf-8")
    for name, made in TABLES.items():
        table = f"<!-- {name} -->\n{made()}<!-- end -->"
        text = re.sub(MARKED.format(name=name), lambda _, t=table: t, text, flags=re.DOTALL)  # type: ignore[misc]
    README.write_text(text, "utf-8")


if __name__ == "__main__":
    write()
