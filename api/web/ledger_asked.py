"""What a page of a ledger was asked for: filters by place, day and state, and as known when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from api.web.asking import Params
from api.web.visit import Visit

FILTERS = ("school_code", "township", "status", "key_group", "from", "to", "incomplete")
AS_OF, PLACE = "as_of", "cursor"


@dataclass(frozen=True)
class LedgerAsked:
    """The filters of an address, each as it stands there; empty where nothing was chosen."""

    wanted: Mapping[str, str]
    zone: ZoneInfo

    @classmethod
    def of(cls, visit: Visit, filters: tuple[str, ...] = FILTERS) -> "LedgerAsked":
        query = visit.request.query_params
        wanted = {name: query.get(name, "") for name in (*filters, AS_OF)}
        return cls(wanted, visit.service.settings.zone)

    @property
    def params(self) -> Params:
        """The same as the contract is asked."""
        return {**self.wanted, AS_OF: self._moment}

    @property
    def facts(self) -> dict[str, Any]:
        """The same as read by the contract, once it has accepted them."""
        read: dict[str, Any] = {name: value for name, value in self.wanted.items() if value}
        for name in ("from", "to"):
            if name in read:
                read[name] = date.fromisoformat(read[name])
        if AS_OF in read:
            read[AS_OF] = datetime.fromisoformat(self._moment)
        return read

    @property
    def _moment(self) -> str:
        """The last moment of the day it is asked as of; what is no day becomes no moment either."""
        told = self.wanted[AS_OF]
        try:
            next_day = date.fromisoformat(told) + timedelta(days=1)
        except (ValueError, OverflowError):
            return told and f"{told}T"
        midnight = datetime.combine(next_day, time(), self.zone)
        return (midnight - timedelta(microseconds=1)).isoformat()

    def query(self, **more: str) -> str:
        """Give the filters as the query of an address of ours, empty ones left out."""
        asked = {name: value for name, value in {**self.wanted, **more}.items() if value}
        return f"?{urlencode(asked)}" if asked else ""
