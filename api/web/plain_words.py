"""What the contract says is wrong, as a form says it: fields by their labels, never their names."""

import re
from collections.abc import Mapping, Sequence

from api.web.asking import ASIDE
from api.web.fields import Field

POINTER = re.compile(r"“/([a-z_]+)[^”]*”", re.ASCII)
NAME = re.compile(r" ?\b([a-z][a-z_]*)\b ?", re.ASCII)


def labels_of(fields: Sequence[Field], language: str) -> dict[str, str]:
    """Give what a form calls its fields, and those of its rows that are called as none of them."""
    parts = [part for field in fields for part in field.parts]
    return {field.name: field.label(language) for field in (*parts, *fields)}


def plainly(sentence: str, labels: Mapping[str, str], language: str) -> str:
    """Say it by labels; in English a bare word may be a word like any other, and stays."""
    said = POINTER.sub(lambda found: f"“{labels.get(found[1], found[1])}”", ASIDE.sub("", sentence))
    if language == "en":
        return said
    return NAME.sub(lambda found: f"“{labels[found[1]]}”" if found[1] in labels else found[0], said)
