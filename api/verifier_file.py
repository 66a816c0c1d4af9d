"""The verifier as one Python file: the sources of `guixue verify` themselves, joined."""

import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

from api import verify_cli
from application.store import (
    checkpoint,
    checkpoint_checks,
    child_seal,
    evidence,
    heads,
    leaves,
    receipts,
    signed_note,
    transparency,
    verdict,
    verifying,
)

# Each stands below those it builds on.
MODULES: tuple[ModuleType, ...] = (
    transparency,
    signed_note,
    checkpoint,
    leaves,
    heads,
    child_seal,
    receipts,
    evidence,
    verdict,
    checkpoint_checks,
    verifying,
    verify_cli,
)
OURS = ("api", "application")
HEAD = '''#!/usr/bin/env python3
"""归学 Guixue: 核验程序 verifies the evidence of one child, offline.

Written by `guixue verify --export-verifier` from the parts named below. It needs Python 3.11 or
newer and the package `cryptography`, and nothing else: python verifier.py bundle.json --key FILE
"""
'''
TAIL = """

if __name__ == "__main__":
    sys.exit(main())
"""


class NamedTwice(Exception):
    """Two parts give one name two meanings, so that they do not stand in one file."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `guixue verify`; returns the exit code."""
    return verify_cli.main(arguments, "guixue verify", write)


def write(path: Path) -> None:
    """Write the one file."""
    path.write_text(joined(), "utf-8")


def joined() -> str:
    """
    Join the sources: imports first, those of our own dropped.

    :raises NamedTwice: if two parts define one name
    """
    imports: set[str] = set()
    taken: dict[str, set[str]] = {}
    defined: dict[str, str] = {}
    parts: list[str] = []
    for module in MODULES:
        text = inspect.getsource(module)
        tree = ast.parse(text)
        lines = text.splitlines()
        for node in tree.body:
            for name, source in _defined(node, module.__name__):
                if defined.setdefault(name, source) != source:
                    raise NamedTwice(f"{name}: {defined[name]} and {source}")
            if isinstance(node, ast.Import | ast.ImportFrom):
                if isinstance(node, ast.Import):
                    imports.add(ast.unparse(node))
                elif not _ours(node):
                    taken.setdefault(node.module or "", set()).update(map(ast.unparse, node.names))
                lines[node.lineno - 1 : node.end_lineno] = [""] * _height(node)
        told = ast.get_docstring(tree) or ""
        docstring = tree.body[0]
        lines[docstring.lineno - 1 : docstring.end_lineno] = [""] * _height(docstring)
        heading = f"# {module.__name__}: {told.partition(chr(10))[0]}"
        parts.append(f"\n\n{heading}\n\n" + "\n".join(lines).strip())
    imports |= {f"from {name} import {', '.join(sorted(of))}" for name, of in taken.items()}
    return HEAD + "\n" + "\n".join(sorted(imports)) + "\n" + "\n".join(parts) + "\n" + TAIL


def _ours(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in OURS


def _height(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _defined(node: ast.stmt, module: str) -> Iterator[tuple[str, str]]:
    """Give the names that a statement at the top of a part defines, each with where it is from."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name, f"{module}.{node.name}"
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from (
                (one.id, f"{module}.{one.id}")
                for one in ast.walk(target)
                if isinstance(one, ast.Name)
            )
    elif isinstance(node, ast.Import):
        yield from ((one.asname or one.name, one.name) for one in node.names)
    elif isinstance(node, ast.ImportFrom):
        for one in node.names:
            if _ours(node) and one.asname:
                raise NamedTwice(f"{module}: {one.name} as {one.asname}")
            yield one.asname or one.name, f"{node.module}.{one.name}"


if __name__ == "__main__":
    sys.exit(main())
