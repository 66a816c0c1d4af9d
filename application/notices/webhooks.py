"""Webhooks: machines of the district that are told of every change, as CloudEvents 1.0."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from application.access import Person
from application.notices.origins import origin_of
from application.notices.signing import drawn_secret
from application.store.store import Store

MEDIA = "application/cloudevents+json"
TYPE = "guixue.{}"  # and the kind of entry
TOLD = (
    *("id", "url", "school_code", "township", "kinds", "taken", "resting_until"),
    *("made_at", "ended_at", "waiting", "dead"),
)
LIST = """
SELECT s.id, s.url, s.school_code, s.township, s.kinds, s.taken, s.resting_until,
       s.made_at, s.ended_at,
       (SELECT count(*) FROM notices.outbox o WHERE o.subscription = s.id AND o.state = 'waiting'),
       (SELECT count(*) FROM notices.outbox o WHERE o.subscription = s.id AND o.state = 'dead')
FROM notices.subscriptions s WHERE %(id)s::uuid IS NULL OR s.id = %(id)s ORDER BY s.place
"""
SUBSCRIBE = """
INSERT INTO notices.subscriptions
    (url, secret, school_code, township, kinds, made_by, made_at, taken)
SELECT %s, %b, %s, %s, %s, %s, %s, coalesce(max(notification_id), 0) FROM log.stored_events
RETURNING id
"""
END = """
WITH ended AS (
    UPDATE notices.subscriptions SET ended_by = %(by)s, ended_at = %(now)s
    WHERE id = %(id)s AND ended_at IS NULL RETURNING id
)
DELETE FROM notices.outbox o USING ended
WHERE o.subscription = ended.id AND o.state = 'waiting' RETURNING o.id
"""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A subscription in force: where it is told, and the secret its messages are signed with."""

    id: UUID
    url: str
    secret: str


class Webhooks:
    """
    Who is told of what; ``origins`` are the only places that may be, as ``https://oa.example``.

    ``seal`` hides a secret before it is stored, ``unseal`` shows it again. Every method raises
    :class:`StoreUnavailable` when the database is away.
    """

    def __init__(
        self,
        store: Store,
        origins: Iterable[str],
        seal: Callable[[bytes], bytes],
        unseal: Callable[[bytes], bytes],
    ) -> None:
        self._store = store
        self._origins = frozenset(map(origin_of, origins)) - {None}
        self._seal = seal
        self._unseal = unseal

    def allows(self, url: str) -> bool:
        """Say whether a place may be told anything: it lies at an origin that was named."""
        return origin_of(url) in self._origins

    async def subscribe(
        self,
        url: str,
        by: Person,
        now: datetime,
        *,
        school_code: str | None = None,
        township: str | None = None,
        kinds: Sequence[str] | None = None,
    ) -> tuple[UUID, str]:
        """
        Subscribe a place to what is recorded from now on; return the id, and the secret to sign by.

        Of a township that is what its government may know: cases reported to it.
        """
        secret = drawn_secret()
        sealed = self._seal(secret.encode())
        where = (school_code, township, None if kinds is None else list(kinds))
        rows = await self._store.query(SUBSCRIBE, [url, sealed, *where, by.account, now])
        subscription: UUID = rows[0][0]
        return subscription, secret

    async def end(self, subscription: UUID, by: Person, now: datetime) -> None:
        """Tell a place nothing more, nor what waits for it; ended once, it stays so."""
        await self._store.query(END, {"id": subscription, "by": by.account, "now": now})

    async def all(self, only: UUID | None = None) -> list[dict[str, Any]]:
        """Give every subscription there ever was, or one, without its secret."""
        rows = await self._store.query(LIST, {"id": only})
        return [dict(zip(TOLD, row, strict=True)) for row in rows]

    async def receivers(self, now: datetime) -> list[Receiver]:
        """
        Give the subscriptions that may be told now.

        :raises NoKey: if a secret does not open
        """
        rows = await self._store.query(
            "SELECT id, url, secret FROM notices.subscriptions WHERE ended_at IS NULL"
            " AND coalesce(resting_until <= %s, true) ORDER BY place",
            [now],
        )
        return [
            Receiver(subscription, url, self._unseal(bytes(secret)).decode())
            for subscription, url, secret in rows
        ]

    async def rest(self, subscription: UUID, until: datetime) -> None:
        """Leave a place that did not answer alone for a while."""
        await self._store.query(
            "UPDATE notices.subscriptions SET resting_until = %s WHERE id = %s RETURNING id",
            [until, subscription],
        )


def cloud_event(
    source: str, student_id: UUID, position: int, content: dict[str, Any]
) -> dict[str, Any]:
    """
    Give a change as a CloudEvent in structured JSON; ``content`` is what its notice holds.

    Two subscriptions get the same event under the same id, the entry's place in the log.
    """
    return {
        "specversion": "1.0",
        "id": str(position),
        "source": source,
        "type": TYPE.format(content["kind"]),
        "subject": str(student_id),
        "time": content["recorded_at"],
        "datacontenttype": "application/json",
        "data": {
            "position": position,
            "kind": content["kind"],
            "student_id": str(student_id),
            "school_code": content["school_code"],
            "township": content["township"],
        },
    }
