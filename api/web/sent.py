"""What a page's form sent: its fields in order, whatever was typed into them."""

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import parse_qsl

from starlette.requests import Request

from api.checking import read_body, service_of
from api.problems import Problem

MOST_FIELDS = 1000


@dataclass(frozen=True)
class Sent:
    """The fields of a form, as sent; names may come again."""

    pairs: list[tuple[str, str]]
    RESUME: ClassVar = "_resume"  # the form comes back from a sign-in: show it, record nothing
    KEY: ClassVar = "_key"  # the form's Idempotency-Key

    def get(self, name: str) -> str:
        """Give the first value of a field, empty if it was not sent."""
        return next((value for known, value in self.pairs if known == name), "")

    def any(self, before: str) -> bool:
        """Say whether anything was typed into the fields whose names begin so."""
        return any(value for known, value in self.pairs if known.startswith(before))

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.pairs if known == name]


async def sent(request: Request) -> Sent:
    """
    Read a form.

    :raises Problem: ``too-large`` or ``unreadable-body``
    """
    raw = await read_body(request, service_of(request).settings.max_body_bytes)
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise Problem("unreadable-body") from None
    return Sent(pairs)
