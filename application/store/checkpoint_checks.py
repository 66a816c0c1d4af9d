"""Verifying a checkpoint: who signed and cosigned it, and whether it continues an earlier one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from application.store.checkpoint import Checkpoint
from application.store.evidence import Bundle, Proof
from application.store.receipts import Receipt
from application.store.signed_note import InvalidNote, Note, NoteKey
from application.store.transparency import InvalidProof, verify_consistency
from application.store.verdict import (
    Judged,
    Unproven,
    age,
    clock,
    lacking,
    left_open,
    moment_of,
    proven,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What the asker brings, and trusts: the log's keys, witnesses' keys, an earlier checkpoint.

    ``needed`` is how many witnesses must have cosigned; all of them, if it is ``None``.
    ``consistency`` is a proof from ``since``, in place of the bundle's own.
    """

    keys: tuple[NoteKey, ...]
    now: datetime
    witnesses: tuple[NoteKey, ...] = ()
    needed: int | None = None
    since: Note | None = None
    consistency: Proof | None = None
    receipts: tuple[Receipt, ...] = ()


def signed_checkpoint(told: str, origin: str, keys: Iterable[NoteKey]) -> tuple[Note, Checkpoint]:
    """
    Read a checkpoint that one of the log's trusted keys signed.

    :raises Unproven: if it is none, another log's, or not so signed
    """
    try:
        note = Note.read(told)
        checkpoint = Checkpoint.read(note.text)
    except InvalidNote:
        raise Unproven("检查点无法读取。", "The checkpoint cannot be read.") from None
    if checkpoint.origin != origin:
        raise Unproven(
            f"检查点属于日志“{checkpoint.origin}”,不是“{origin}”。",
            f"The checkpoint is of the log {checkpoint.origin}, not of {origin}.",
        )
    try:
        signed = note.signed_by(key for key in keys if key.name == origin)
    except InvalidNote:
        raise Unproven(
            "检查点的签名与日志公钥不符:内容被改动,或签名是伪造的。其余各项不再核验。",
            "The checkpoint's signature is not by the log's key: it was altered, or forged."
            " Nothing else was checked.",
        ) from None
    if not signed:
        raise Unproven(
            f"检查点没有所给公钥的签名(日志“{origin}”)。密钥如已轮换,请一并给出新公钥。"
            "其余各项不再核验。",
            f"The checkpoint of {origin} bears no signature by a given key. If the log's key was"
            " rotated, give the new one as well. Nothing else was checked.",
        )
    return note, checkpoint


def witnessed(note: Note, asked: Asked) -> list[Judged]:
    if not asked.witnesses:
        return [
            left_open(
                "witness",
                "未核对见证方:没有给出见证方公钥,不能排除日志对别人出示另一套内容。",
                "No witness was asked for: that the log shows others something else cannot be"
                " ruled out.",
            )
        ]
    judged: list[Judged] = []
    missing: list[NoteKey] = []
    for key in asked.witnesses:
        try:
            signed = note.signed_by([key])
        except InvalidNote:
            why = Unproven(
                f"见证方“{key.name}”的联署是伪造的,或已被改动。",
                f"The cosignature of the witness {key.name} is forged or altered.",
            )
            judged.append(why.judged("witness"))
            continue
        if not signed:
            missing.append(key)
        for _, second in signed:
            moment = moment_of(second or 0)
            zh, en = age(moment, asked.now)
            judged.append(
                proven(
                    "witness",
                    f"见证方“{key.name}”于 {clock(moment)} 联署({zh})。",
                    f"The witness {key.name} cosigned on {clock(moment)} ({en}).",
                )
            )
    needed = len(asked.witnesses) if asked.needed is None else asked.needed
    enough = len(asked.witnesses) - len(missing) >= needed
    say = left_open if enough else lacking
    judged += [
        say(
            "witness",
            f"见证方“{key.name}”没有联署此检查点。",
            f"The witness {key.name} did not cosign this checkpoint.",
        )
        for key in missing
    ]
    return judged


def continued(bundle: Bundle, checkpoint: Checkpoint, asked: Asked) -> Judged:
    if asked.since is None:
        return left_open(
            "since",
            "没有给出您上次保存的检查点:不能排除整个日志自那时起被改写后重新签名。",
            "No earlier checkpoint was given: that the whole log was rewritten and signed"
            " anew cannot be ruled out.",
        )
    _, earlier = signed_checkpoint(asked.since.told(), bundle.origin, asked.keys)
    if earlier.size > checkpoint.size:
        raise Unproven(
            f"日志倒退了:您上次的检查点有 {earlier.size} 条,这里只有 {checkpoint.size} 条。"
            "日志被回滚,或这份证据比您的检查点旧;请索取新的证据。",
            f"The log went back: your checkpoint has {earlier.size} entries, this one"
            f" {checkpoint.size}. The log was rolled back, or this evidence is older than your"
            " checkpoint; ask for new evidence.",
        )
    proof: Proof | None = ()
    if earlier.size != checkpoint.size:
        proof = asked.consistency or bundle.consistency.get(earlier.size)
    if proof is None:
        raise Unproven(
            f"缺少与您上次检查点({earlier.size} 条)的一致性证明:请重新索取证据,或用"
            " --consistency 给出。",
            f"A proof from your checkpoint of {earlier.size} entries to this one is missing: ask"
            " for the evidence anew, or give one by --consistency.",
        )
    try:
        verify_consistency(earlier.size, checkpoint.size, proof, earlier.root, checkpoint.root)
    except InvalidProof:
        raise Unproven(
            f"此日志不是您上次所见日志({earlier.size} 条)的延续:历史被改写,或证明有误。"
            "请保存两个检查点作为证据。",
            f"This log does not continue the one you saw at {earlier.size} entries: its past was"
            " rewritten, or the proof is wrong. Keep both checkpoints as evidence.",
        ) from None
    return proven(
        "since",
        f"日志是您上次检查点({earlier.size} 条)的延续,此前的登记无一改动。",
        f"The log continues your checkpoint of {earlier.size} entries; nothing before was changed.",
    )
