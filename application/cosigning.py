"""Having every checkpoint cosigned by the district's witnesses, and knowing when that fails."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import psycopg
import structlog

from application.asking_witnesses import Declined, WitnessAt, ask_witness
from application.store.ending import end
from application.store.key_ring import NoKey
from application.store.signed_note import COSIGNATURE, TIME_BYTES, InvalidNote, NoteKey, Signature
from application.store.store import StoreUnavailable
from application.store.telling import Telling
from application.store.tree_reading import NotYet, Signed, Tree
from application.trust import Trust

LOOK_SECONDS = 1.0
AGAIN_SECONDS = 30.0  # after a witness declined or did not answer
AT_LEAST_EVERY = timedelta(hours=6)  # also while nothing is recorded
LATE = timedelta(days=1)
COSIGNING = 20230904  # the advisory lock of the one process that asks

_log = structlog.get_logger("guixue.witness")


@dataclass(slots=True)
class Standing:
    """How it stands with one witness; ``why`` it declined last, if it did since."""

    witness: WitnessAt
    why: str | None = None
    size: int | None = None
    at: datetime | None = None

    def told(self, now: datetime) -> dict[str, Any]:
        """Tell of it; it is late when its last cosignature is older than a day, or missing."""
        return {
            "witness": self.witness.key.name,
            "size": self.size,
            "at": self.at,
            "late": self.at is None or now - self.at > LATE,
            "why": self.why,
        }


class Cosigning:
    """
    Asks witnesses to cosign each checkpoint, one process at a time, and stores what they sign.

    :class:`WitnessAt` says where each answers; what one of them declines holds up no other.
    """

    def __init__(self, url: str, tree: Tree, witnesses: Sequence[WitnessAt], trust: Trust) -> None:
        self._url = url
        self._tree = tree
        self._witnesses = witnesses
        self._trust = trust
        self._why: dict[str, str] = {}
        self._asking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._witnesses:
            self._asking = asyncio.create_task(self.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._asking is not None:
            await end(self._asking)

    async def standing(self) -> list[Standing]:
        """Say how it stands with every witness."""
        found = []
        for witness in self._witnesses:
            last = await self._tree.cosigned(witness.key.name)
            standing = Standing(witness, self._why.get(witness.key.name))
            if last is not None:
                standing.size, standing.at = last.size, last.at
            found.append(standing)
        return found

    async def run(self) -> None:
        """Ask for as long as the service runs; comes back whenever the database does."""
        async with httpx.AsyncClient(trust_env=False, verify=self._trust.context()) as http:
            telling = Telling(_log)
            while True:
                try:
                    await self._have_all_cosigned(http)
                except* psycopg.Error as away:
                    telling.of("cosigning waits for the database", away.exceptions[0])
                await asyncio.sleep(LOOK_SECONDS)

    async def _have_all_cosigned(self, http: httpx.AsyncClient) -> None:
        """Keep all witnesses in step for as long as the database is there."""
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute("SELECT pg_advisory_lock(%s)", [COSIGNING])
            async with asyncio.TaskGroup() as asking:
                for witness in self._witnesses:
                    asking.create_task(self._have_cosigned(http, connection, witness))

    async def _have_cosigned(
        self,
        http: httpx.AsyncClient,
        connection: psycopg.AsyncConnection[Any],
        witness: WitnessAt,
    ) -> None:
        """Keep one witness in step, for ever; the others are not held up by what is wrong here."""
        name = witness.key.name
        while True:
            try:
                await self.ask(http, connection, witness)
            except psycopg.OperationalError:
                raise  # with the connection, our turn to ask is gone
            except (NotYet, StoreUnavailable):
                pass
            except Exception as fault:  # noqa: BLE001  # as where hashes of the tree are missing
                self._why[name] = f"nothing could be sent to it ({type(fault).__name__})"
                _log.error("a witness is not asked", witness=name, error=type(fault).__name__)
            await asyncio.sleep(AGAIN_SECONDS if name in self._why else LOOK_SECONDS)

    async def ask(
        self,
        http: httpx.AsyncClient,
        connection: psycopg.AsyncConnection[Any],
        witness: WitnessAt,
    ) -> None:
        """
        Have the last checkpoint cosigned by a witness, unless it lately was.

        :raises NotYet: if there is no checkpoint
        """
        signed = await self._tree.checkpoint()
        last = await self._tree.cosigned(witness.key.name)
        if last and last.size == signed.size and datetime.now(UTC) - last.at < AT_LEAST_EVERY:
            self._why.pop(witness.key.name, None)
            return
        old = min(last.size, signed.size) if last else 0  # less, where the log went back
        answer = await self._asked(http, witness, signed, old)
        known = answer.known if isinstance(answer, Declined) else None
        if isinstance(answer, Declined) and known is not None and known > signed.size:
            _log.error("the log went back, a witness says", witness=witness.key.name)
            why = f"the log went back to {signed.size} entries: {answer.why}"
            answer = Declined(answer.status, why)
        elif known is not None:
            answer = await self._asked(http, witness, signed, known)
        if isinstance(answer, Declined):
            self._why[witness.key.name] = answer.why
            _log.warning("a witness declined", witness=witness.key.name, status=answer.status)
            return
        self._why.pop(witness.key.name, None)
        second = int.from_bytes(answer.data[:TIME_BYTES], "big")
        await connection.execute(
            "INSERT INTO log.cosignatures (size, witness, made_at, line)"
            " VALUES (%s, %s, to_timestamp(%s), %s) ON CONFLICT DO NOTHING",
            [signed.size, witness.key.name, second, answer.line()],
        )

    async def _asked(
        self, http: httpx.AsyncClient, witness: WitnessAt, signed: Signed, old: int
    ) -> Signature | Declined:
        proof = await self._tree.consistency(old, signed.size) if 0 < old < signed.size else []
        return await ask_witness(http, witness, signed.note, old, proof)


def read_witnesses(path: Path) -> list[WitnessAt]:
    """
    Read who witnesses the log: a line for each, its address and its public key.

    :raises NoKey: if a line is none, or names one again; no file means no witness
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as fault:
        raise NoKey(f"The file {path} cannot be read ({type(fault).__name__}).") from None
    found: list[WitnessAt] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        url, _, told = line.strip().partition(" ")
        try:
            key = NoteKey.read(told)
        except InvalidNote:
            key = None
        if key is None or key.algorithm != COSIGNATURE or not is_address(url):
            raise NoKey(
                f"Line {number} of {path} names no witness: it should be its address, a space,"
                " and its public key. 见证方文件该行应为“地址 公钥”。"
            )
        if any(key.name == one.key.name for one in found):
            raise NoKey(f"Line {number} of {path} names {key.name} again. 见证方重复登记。")
        found.append(WitnessAt(url, key))
    return found


def is_address(url: str) -> bool:
    """Say whether something can be asked there."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
