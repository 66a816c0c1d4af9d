"""What a page says to who reads it, and what of it is no word of theirs."""

import html
import re

UNSAID = re.compile(
    r"<(script|style|code|pre|template)\b.*?</\1>|<td lang=\"en\">.*?</td>|<[^>]*>", re.DOTALL
)
CODE = re.compile(
    r"\b[a-z]+(?:_[a-z]+)+\b"  # a name of a field, a role or a kind
    r"|\b[RC]\d\d\b"  # a reason
    r"|\d{4}-\d\d-\d\dT\d\d"  # a moment as machines write it
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-"  # a number of a child or an account
    r"|\b(?:None|null|undefined|True|False)\b|\{\{|%s",
    re.ASCII,
)
FOREIGN = re.compile(r"\b(?![0-9A-F]{8}\b)[A-Za-z]{3,}\b", re.ASCII)  # a case number is none
KNOWN = frozenset({"Guixue", "English", "Excel", "CSV", "PDF", "xlsx", "xls", "csv", "Ctrl"})


def said_by(page: str) -> str:
    """Give the text of a page, without what it tells to machines alone."""
    return html.unescape(UNSAID.sub("\n", page))


def codes_on(said: str) -> list[str]:
    """Give the codes that stand there in place of words."""
    return CODE.findall(said)


def foreign_on(said: str) -> list[str]:
    """Give the English words on a Chinese page."""
    return sorted(set(FOREIGN.findall(said)) - KNOWN)
