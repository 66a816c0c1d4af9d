"""The code on a blank form that finds the child again: read aloud, checked, and of nobody."""

import re
import unicodedata
from typing import NamedTuple

WRITTEN = re.compile(r"([A-Z]{2})([0-9]{7,18})([0-9]{2})")
SEPARATORS = re.compile(r"[\s\-_.‐-―−]+")
DIGITS = 7  # at least; read aloud in two breaths
MODULUS, REMAINDER = 97, 1
LONGEST = 64


class WrongFormCode(ValueError):
    """This is no code of a form, or one that was misread."""


class FormCode(NamedTuple):
    """
    Two letters for the form, and the child's number: the position of its first entry.

    Source: ISO 7064, MOD 97-10, over letters and digits; letters count as 10 to 35.
    """

    letters: str
    number: int

    def __str__(self) -> str:
        body = f"{self.letters}{self.number:0{DIGITS}}"
        check = MODULUS + REMAINDER - _number(body + "00") % MODULUS
        return f"{self.letters}-{self.number:0{DIGITS}}-{check:02}"


def read_form_code(text: str) -> FormCode:
    """
    Read a code as people type it: small letters, full-width digits, any dash or none.

    :raises WrongFormCode: if a character is wrong or two changed places
    """
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).upper()
    found = WRITTEN.fullmatch(SEPARATORS.sub("", plain))
    if found is None or _number(found[0]) % MODULUS != REMAINDER:
        raise WrongFormCode
    code = FormCode(found[1], int(found[2]))
    if SEPARATORS.sub("", str(code)) != found[0]:
        raise WrongFormCode
    return code


def _number(text: str) -> int:
    """Write a letter as two digits, and read all of it as one number."""
    return int("".join(str(int(character, 36)) for character in text))
