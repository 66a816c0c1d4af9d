"""Children's names and numbers in a text that is to be public (公告文字核对): found, or perhaps."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Literal

from domain.identifiers import names_a_person

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
BETWEEN = re.compile(r"[\s·•‧・․.\-_*]+")
PHONE = re.compile(r"(?<![0-9])(?:\+?86)?1[3-9][0-9]{9}(?![0-9])|(?<![0-9])0[0-9]{9,11}(?![0-9])")
SURE = 3  # characters; two may be a word like any other, one tells nobody
FEW = "(?<![0-9.])[1-4一二两三四]"
CHILD = "(?:学生|儿童|孩子|男生|女生|男孩|女孩|新生|少年)"
MISSING = "(?:学生|儿童|孩子|辍学|失学|疑似|未到|缺勤|流失|旷课|失联|劝返|复学|残疾|留守)"
FEW_CHILDREN = re.compile(
    rf"{FEW}(?:名|位|个|人)[^,。;、,;\s]{{0,10}}{CHILD}|{MISSING}[^,。;,;\s0-9]{{0,6}}{FEW}(?:人|名|位|个)"
    r"(?!月|年|班|校|学校|乡镇|教师|老师|干部)"
)
Found = Literal["named", "perhaps"]


def found_in(
    text: str, names: Iterable[str], numbers: Collection[str] = (), own: Collection[str] = ()
) -> Found | None:
    """
    Say whether a text names one of some children.

    A name of three characters or more is found wherever it stands, whatever stands between its
    characters, and so is a number. One of two characters is only perhaps meant: it may be a word.
    One of a single character is not looked for. Names in letters are found as whole words.
    ``own`` are words that name no child: the district's schools and townships.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    said = squeezed(text)
    if names_a_person(text) or has_phone(text):
        return "named"
    if any(number and squeezed(number) in said for number in numbers):
        return "named"
    for word in sorted(map(squeezed, own), key=len, reverse=True):
        said = said.replace(word, "\n")
    by_length: dict[int, set[str]] = {}
    for name in names:
        bare = squeezed(name)
        if HAN.search(bare):
            by_length.setdefault(len(bare), set()).add(bare)
        elif len(bare) >= SURE and stands_alone(name, plain):
            return "named"
    found: Found | None = None
    for length in sorted(by_length, reverse=True):
        if length > 1 and any(part in by_length[length] for part in parts(said, length)):
            if length >= SURE:
                return "named"
            found = "perhaps"
    return found


def parts(text: str, length: int) -> Iterable[str]:
    return (text[at : at + length] for at in range(len(text) - length + 1))


def squeezed(text: str) -> str:
    """Give a text without what may stand between the characters of a name."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(one for one in plain if unicodedata.category(one) != "Cf")
    return BETWEEN.sub("", plain)


def stands_alone(name: str, text: str) -> bool:
    """Say whether a name in letters stands in a text as a word."""
    words = unicodedata.normalize("NFKC", name).casefold().split()
    said = r"[\s·•.\-]*".join(map(re.escape, words))
    return bool(re.search(rf"(?<![^\W\d_]){said}(?![^\W\d_])", text))


def has_phone(text: str) -> bool:
    """Say whether a text holds what may be a phone number."""
    return bool(PHONE.search(re.sub(r"[ \t\-]", "", unicodedata.normalize("NFKC", text))))


def tells_few(text: str) -> bool:
    """Say whether a text tells of one to four children (domain.md section 8, duty 11)."""
    said = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    return bool(FEW_CHILDREN.search(said))
