"""What stands in the address of a page that looks back: entry numbers, days, moments."""

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from api.web.visit import Visit

NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
START, END = time.min, time.max


def number(visit: Visit, name: str) -> int | None:
    """Read the number of an entry; whatever is none is nothing."""
    told = visit.request.query_params.get(name, "").strip()
    return int(told) if NUMBER.fullmatch(told) else None


def day(visit: Visit, name: str) -> date | None:
    """Read a day; whatever is none is nothing."""
    told = visit.request.query_params.get(name, "").strip()
    try:
        return date.fromisoformat(told) if told else None
    except ValueError:
        return None


def moment(visit: Visit, name: str) -> datetime | None:
    """Read a moment as a clock in the district shows it; whatever is none is nothing."""
    told = visit.request.query_params.get(name, "").strip()
    try:
        found = datetime.fromisoformat(told) if told else None
    except ValueError:
        return None
    return found and found.replace(tzinfo=zone(visit))


def at(visit: Visit, on: date | None, clock: time) -> str | None:
    """Give the start or the end of a day as the contract takes a moment."""
    return datetime.combine(on, clock, zone(visit)).isoformat() if on else None


def zone(visit: Visit) -> ZoneInfo:
    return visit.service.settings.zone
