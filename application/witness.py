"""A witness: cosigns a log's checkpoint only if it continues the last one it cosigned for it."""

import json
import os
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock

import structlog

from application.store.checkpoint import Checkpoint
from application.store.key_ring import write_whole
from application.store.signed_note import InvalidNote, Note, NoteKey, Signer
from application.store.transparency import EMPTY_ROOT, InvalidProof, verify_consistency
from application.submission import SIZE_MEDIA, Malformed, Submission

MOST_ALARMS = 1_000  # kept as files; what comes after is only logged
FORK, UNPROVEN = "fork", "unproven"
_log = structlog.get_logger("guixue.witness")


class DamagedMemory(Exception):
    """What the witness remembers cannot be read, so that it cosigns nothing; says what to do."""


class Declines(Exception):
    """The witness does not cosign; the answer to give, as HTTP has it."""

    def __init__(self, status: int, said: str, media: str = "text/plain; charset=utf-8") -> None:
        self.status = status
        self.said = f"{said}\n"
        self.media = media
        super().__init__(said)


@dataclass(frozen=True, slots=True)
class Alarm:
    """
    Two checkpoints of one log that do not fit, both signed by its key.

    A ``fork`` has two roots of one size: proof that the log shows two histories. ``unproven`` came
    with a proof that proves nothing; it is settled once the same checkpoint comes with a right one.
    """

    kind: str
    origin: str
    seen_at: str
    known: str
    offered: str
    file: str


class Witness:
    """
    The memory of one witness, in a folder: ``known/`` has the last checkpoint of each log.

    It is written, to the disk, before any cosignature is given. ``alarms/`` has what did not fit;
    whoever looked into it moves the file away.

    :raises DamagedMemory: if the memory cannot be read
    """

    def __init__(
        self,
        folder: Path,
        signer: Signer,
        logs: Iterable[NoteKey],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.key = signer.key
        self._signer = signer
        self._clock = clock
        self._folder = folder
        self._logs: dict[str, list[NoteKey]] = {}
        for key in logs:
            self._logs.setdefault(key.name, []).append(key)
        lay_out(folder)
        self._known = remembered(folder, self.key)
        self._one_at_a_time = Lock()

    def known(self, origin: str) -> Note | None:
        """Give the last checkpoint of a log, with the cosignature it was given."""
        return self._known.get(origin)

    @property
    def origins(self) -> list[str]:
        """The logs it witnesses."""
        return sorted(self._logs)

    def alarms(self) -> list[Alarm]:
        return alarms_in(self._folder)

    def add(self, body: bytes) -> str:
        """
        Cosign a checkpoint; returns the line of the cosignature.

        The checks and their order are those of C2SP tlog-witness.

        :raises Declines: with the answer to give
        """
        try:
            submitted = Submission.read(body)
        except Malformed as why:
            raise Declines(400, str(why)) from None
        offered = submitted.checkpoint
        keys = self._logs.get(offered.origin)
        if keys is None:
            raise Declines(404, "this witness knows no such log")
        with self._one_at_a_time:
            signed = _signed(submitted.note, keys)
            self._compare(submitted, offered)
            second = int(self._clock().timestamp())
            line = self._signer.cosign(signed.text, second)
            kept = Note(signed.text, (*signed.signatures, line))
            write_whole(_place(self._folder, offered.origin), kept.told().encode())
            self._known[offered.origin] = kept
            self._settle(offered)
        return line.line()

    def _compare(self, submitted: Submission, offered: Checkpoint) -> None:
        """
        Insist that a checkpoint continues the last one.

        :raises Declines: unless it does
        """
        last = self._known.get(offered.origin)
        known = Checkpoint(offered.origin, 0, EMPTY_ROOT)
        if last is not None:
            known = Checkpoint.read(last.text)
        if offered.size == known.size and offered.root != known.root and last is not None:
            self._raise_alarm(FORK, last, submitted, offered)
            raise Declines(409, "this log has another root at this size: it is forked")
        if submitted.old != known.size:
            raise Declines(409, str(known.size), SIZE_MEDIA)
        try:
            _continues(known, offered, submitted.proof)
        except InvalidProof as why:
            if last is not None and offered.size > known.size:
                self._raise_alarm(UNPROVEN, last, submitted, offered)
            raise Declines(422, f"not shown to continue the last checkpoint: {why}") from None

    def _raise_alarm(
        self, kind: str, last: Note, submitted: Submission, offered: Checkpoint
    ) -> None:
        place = _evidence(self._folder, kind, offered)
        _log.critical(
            "a log does not fit what it showed before",
            kind=kind,
            origin=offered.origin,
            size=offered.size,
            evidence=str(place),
        )
        if place.exists() or sum(1 for _ in place.parent.glob("*.json")) >= MOST_ALARMS:
            return
        said = {
            "kind": kind,
            "origin": offered.origin,
            "seen_at": self._clock().isoformat(),
            "known": last.told(),
            "offered": submitted.note.told(),
            "old": submitted.old,
            "proof": [b64encode(one).decode() for one in submitted.proof],
        }
        write_whole(place, json.dumps(said, ensure_ascii=False, indent=1).encode())

    def _settle(self, proven: Checkpoint) -> None:
        """Put away the alarm over a checkpoint that is proven now."""
        place = _evidence(self._folder, UNPROVEN, proven)
        if place.exists():
            place.parent.joinpath("settled").mkdir(exist_ok=True)
            place.rename(place.parent / "settled" / place.name)


def _signed(note: Note, keys: list[NoteKey]) -> Note:
    """
    Give a note with the signatures of its log alone.

    :raises Declines: if there is none
    """
    try:
        signed = [(key.name, key.key_id) for key, _ in note.signed_by(keys)]
    except InvalidNote as why:
        raise Declines(403, str(why)) from None
    if not signed:
        raise Declines(403, "the checkpoint is not signed by a key of this log known here")
    first = {(one.name, one.key_id): one for one in reversed(note.signatures)}
    return Note(note.text, tuple(first[one] for one in signed))


def _continues(known: Checkpoint, offered: Checkpoint, proof: Sequence[bytes]) -> None:
    """
    Check the proof from one checkpoint to the next.

    :raises InvalidProof: unless it is one
    """
    if known.size > 0:
        verify_consistency(known.size, offered.size, proof, known.root, offered.root)
    elif proof or (offered.size == 0 and offered.root != EMPTY_ROOT):
        raise InvalidProof("from nothing on, there is nothing to prove")


def name_of(origin: str) -> str:
    """Give the name under which a log is remembered, and asked for: SHA-256 of its origin."""
    return sha256(origin.encode()).hexdigest()


def lay_out(folder: Path) -> None:
    """Make what a witness's folder holds, so that it is there after a loss of power, too."""
    for name in ("known", "alarms"):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remembered(folder: Path, key: NoteKey) -> dict[str, Note]:
    """
    Read the last checkpoint of each log.

    :raises DamagedMemory: if one is not as this witness cosigned it
    """
    found = {}
    for place in sorted((folder / "known").glob("*.checkpoint")):
        try:
            note = Note.read(place.read_text("utf-8"))
            origin = Checkpoint.read(note.text).origin
            whole = note.signed_by([key]) and name_of(origin) == place.stem
        except (InvalidNote, OSError, UnicodeDecodeError):
            whole = False
        if not whole:
            raise DamagedMemory(
                f"{place} is not as this witness wrote it. Put it back from a backup no older than"
                " the last cosignature, or else nothing can be cosigned safely."
                " 见证方的记忆已损坏,请从备份恢复。"
            )
        found[origin] = note
    return found


def alarms_in(folder: Path) -> list[Alarm]:
    """Read what did not fit, the oldest first; a file that cannot be read is an alarm as well."""
    found = []
    for place in (folder / "alarms").glob("*.json"):
        try:
            said = json.loads(place.read_text("utf-8"))
            told = [str(said[name]) for name in ("kind", "origin", "seen_at", "known", "offered")]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            told = ["unreadable", "?", "", "", ""]
        found.append(Alarm(*told, *[str(place)]))
    return sorted(found, key=lambda alarm: (alarm.seen_at, alarm.file))


def _place(folder: Path, origin: str) -> Path:
    return folder / "known" / f"{name_of(origin)}.checkpoint"


def _evidence(folder: Path, kind: str, offered: Checkpoint) -> Path:
    name = f"{kind}-{name_of(offered.origin)[:16]}-{offered.size}-{offered.root.hex()[:16]}.json"
    return folder / "alarms" / name
