"""Verifying the evidence of one child: what it proves, to whom brings the log's public key."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from application.store.checkpoint import Checkpoint
from application.store.checkpoint_checks import (
    Asked,
    continued,
    signed_checkpoint,
    witnessed,
)
from application.store.child_seal import ChildSeal, Tampered
from application.store.evidence import Bundle, HeadsShown, Shown
from application.store.heads import TOPIC, Commitment, Head, verify_head
from application.store.leaves import NOTHING_BEFORE, Leaf, content_digest
from application.store.receipts import Receipt
from application.store.signed_note import InvalidNote
from application.store.transparency import InvalidProof, verify_inclusion
from application.store.verdict import (
    Judged,
    Report,
    Unproven,
    clock,
    lacking,
    left_open,
    proven,
    tried,
)

LOG_ACTOR = "log"
ALWAYS = frozenset({"signature", "order", "entries", "heads", "ending"})
TRUTH = left_open(
    "truth",
    "内容是否属实不在证明之内:证明的是登记之后未被改动、删减或调换。",
    "Whether what was entered is true is not part of this: proven is that nothing was altered,"
    " removed or exchanged after it was entered.",
)


def check(bundle: Bundle, asked: Asked) -> Report:
    """Judge everything; without a signature by a trusted key, nothing but that it is missing."""
    required = set(ALWAYS)
    required |= {"content"} if bundle.key is not None else set()
    required |= {"since"} if asked.since is not None else set()
    try:
        note, checkpoint = signed_checkpoint(bundle.checkpoint, bundle.origin, asked.keys)
    except Unproven as why:
        return Report((why.judged("signature"),), frozenset(required))
    leaves = leaves_of(bundle)
    judged = [
        proven(
            "signature",
            f"检查点由日志“{checkpoint.origin}”签名,共 {checkpoint.size} 条。",
            f"The checkpoint is signed by the log {checkpoint.origin}, over {checkpoint.size}"
            " entries.",
        ),
        *witnessed(note, asked),
        tried("since", lambda: continued(bundle, checkpoint, asked)),
        tried("order", lambda: _order(bundle, checkpoint)),
        tried("entries", lambda: _entries(bundle, leaves, checkpoint)),
        tried("heads", lambda: _heads(bundle, checkpoint)),
        tried("ending", lambda: _ending(bundle, leaves, checkpoint)),
        *(
            tried("receipt", partial(_receipt, one, bundle, leaves, asked))
            for one in asked.receipts
        ),
    ]
    payloads: tuple[bytes, ...] = ()
    try:
        payloads = _opened(bundle)
        judged.append(_content(bundle))
    except Unproven as why:
        judged.append(why.judged("content"))
    return Report((*judged, TRUTH), frozenset(required), payloads)


def leaves_of(bundle: Bundle) -> list[bytes]:
    """Give the leaf of each entry, each chained to the one before it in the bundle."""
    leaves: list[bytes] = []
    for one in bundle.entries:
        previous = leaves[-1] if leaves else NOTHING_BEFORE
        leaves.append(Leaf(bundle.pseudonym, one.version, previous, _digest(one)).hash)
    return leaves


# The child's entries ----------------------------------------------------------------------------


def _order(bundle: Bundle, checkpoint: Checkpoint) -> Judged:
    entries = bundle.entries
    for number, one in enumerate(entries, 1):
        if one.version != number:
            raise Unproven(
                f"第 {number} 条缺失或次序不对(此处是第 {one.version} 条)。",
                f"Entry {number} is missing or out of order (entry {one.version} stands there).",
            )
    for before, after in pairwise(entries):
        if after.position <= before.position or after.recorded_at < before.recorded_at:
            raise Unproven(
                f"第 {after.version} 条的位置或时间早于前一条。",
                f"Entry {after.version} stands, or was recorded, before the one before it.",
            )
    last = entries[-1]
    if last.position >= checkpoint.size or last.recorded_at > bundle.heads.recorded_at:
        raise Unproven(
            "最后一条的位置或时间在检查点之后。",
            "The last entry stands, or was recorded, after the checkpoint.",
        )
    return proven(
        "order",
        f"第 1 至第 {len(entries)} 条齐全,次序、位置与时间依次向前"
        f"({clock(entries[0].recorded_at)} 至 {clock(last.recorded_at)})。",
        f"Entries 1 to {len(entries)} are all there, in order of place and time"
        f" ({clock(entries[0].recorded_at)} to {clock(last.recorded_at)}).",
    )


def _entries(bundle: Bundle, leaves: Sequence[bytes], checkpoint: Checkpoint) -> Judged:
    for one, leaf in zip(bundle.entries, leaves, strict=True):
        try:
            verify_inclusion(leaf, one.position - 1, checkpoint.size, one.proof, checkpoint.root)
        except InvalidProof:
            raise Unproven(
                f"第 {one.version} 条({one.topic})与日志不符:内容、种类、时间、经办人或位置被改动,"
                "或本不在日志中。",
                f"Entry {one.version} ({one.topic}) does not fit the log: its content, kind, time,"
                " actor or place was altered, or the log never held it.",
            ) from None
    return proven(
        "entries",
        f"{len(leaves)} 条登记(密文、种类、时间、经办人)均在日志中,且未改动。",
        f"All {len(leaves)} entries (ciphertext, kind, time, actor) stand in the log, unaltered.",
    )


def _committed(bundle: Bundle, checkpoint: Checkpoint) -> Head:
    """
    Give the child's head as the checkpoint's last entry commits it.

    :raises InvalidProof: if that entry is none such, or its heads are not those shown
    """
    heads = bundle.heads
    leaf = Leaf(heads.pseudonym, heads.version, heads.previous, _digest(heads)).hash
    verify_inclusion(leaf, checkpoint.size - 1, checkpoint.size, heads.proof, checkpoint.root)
    if heads.topic != TOPIC or heads.actor != LOG_ACTOR or heads.pseudonym == bundle.pseudonym:
        raise InvalidProof("the checkpoint's last entry is not the log's own")
    commitment = Commitment.read(heads.state)
    if commitment.size != checkpoint.size - 1:
        raise InvalidProof("the checkpoint's last entry does not commit all before it")
    return verify_head(bundle.pseudonym, heads.bucket, heads.path, commitment)


def _heads(bundle: Bundle, checkpoint: Checkpoint) -> Judged:
    try:
        head = _committed(bundle, checkpoint)
    except InvalidProof:
        raise Unproven(
            "日志对此儿童登记条数的声明不符:末条清单被改动,或不属于此检查点。",
            "What the log commits of this child's last entry does not fit: it was altered, or is"
            " not of this checkpoint.",
        ) from None
    as_of = clock(bundle.heads.recorded_at)
    return proven(
        "heads",
        f"日志声明:截至 {as_of},此儿童共有 {head.count} 条登记。",
        f"The log commits that, as of {as_of}, this child has {head.count} entries.",
    )


def _ending(bundle: Bundle, leaves: Sequence[bytes], checkpoint: Checkpoint) -> Judged:
    try:
        head = _committed(bundle, checkpoint)
    except InvalidProof:
        raise Unproven(
            "不能证明末尾没有遗漏。", "That nothing is left off at the end is not proven."
        ) from None
    if head.count != len(leaves):
        raise Unproven(
            f"末尾有遗漏:日志声明 {head.count} 条,这里是 {len(leaves)} 条。",
            f"The end is not as it was: the log commits {head.count} entries, here are"
            f" {len(leaves)}.",
        )
    if head.leaf != leaves[-1]:
        raise Unproven(
            "最后一条不是日志声明的最后一条。",
            "The last entry is not the one that the log commits as the last.",
        )
    return proven("ending", "末尾没有遗漏。", "Nothing is left off at the end.")


def _opened(bundle: Bundle) -> tuple[bytes, ...]:
    """
    Open every entry, if the key is there.

    :raises Unproven: naming the first that does not open
    """
    if bundle.key is None:
        return ()
    seal = ChildSeal(bundle.student_id, bundle.key)
    opened = []
    for one in bundle.entries:
        try:
            opened.append(seal.open(one.version, one.topic, one.state))
        except Tampered:
            raise Unproven(
                f"第 {one.version} 条用所附密钥打不开:密钥、学生标识或内容被调换。",
                f"Entry {one.version} does not open with the key enclosed: key, student id or"
                " content was exchanged.",
            ) from None
    return tuple(opened)


def _content(bundle: Bundle) -> Judged:
    if bundle.key is not None:
        return proven(
            "content",
            f"每条内容都能用此儿童的密钥打开,且属于学生 {bundle.student_id}。",
            f"Every entry opens with the child's key, and belongs to student {bundle.student_id}.",
        )
    zh, en = (
        ("内容已依法销毁(据证据所称)", "The content was erased by law, the evidence says")
        if bundle.erased
        else ("证据未附密钥", "The evidence has no key in it")
    )
    return left_open(
        "content",
        f"{zh}:未出示登记内容;这些登记属于学生 {bundle.student_id},仅凭日志一方之言。",
        f"{en}: the content itself was not shown, and that these entries are those of student"
        f" {bundle.student_id} is taken on trust.",
    )


def _receipt(receipt: Receipt, bundle: Bundle, leaves: Sequence[bytes], asked: Asked) -> Judged:
    short = receipt.leaf.hex()[:12]
    try:
        receipt.check(key for key in asked.keys if key.name == bundle.origin)
    except InvalidNote:
        raise Unproven(
            f"回执 {short} 不是此日志所签。", f"The receipt {short} is not signed by this log."
        ) from None
    if receipt.leaf in leaves:
        number = leaves.index(receipt.leaf) + 1
        return proven(
            "receipt",
            f"回执 {short} 所承诺的登记在此,是第 {number} 条。",
            f"What the receipt {short} promised is here, as entry {number}.",
        )
    if receipt.promised <= bundle.heads.recorded_at:
        raise Unproven(
            f"回执 {short} 所承诺的登记不在此:日志失信,或回执属于另一名儿童。请保存回执作为证据。",
            f"What the receipt {short} promised is not here: the log broke its promise, or the"
            " receipt is another child's. Keep it as evidence.",
        )
    return lacking(
        "receipt",
        f"回执 {short} 承诺的时间 {clock(receipt.promised)} 在此检查点之后:请届时重新索取证据。",
        f"The receipt {short} promises its entry by {clock(receipt.promised)}, after this"
        " checkpoint: ask for the evidence again then.",
    )


def _digest(one: Shown | HeadsShown) -> bytes:
    return content_digest(one.topic, one.actor, one.recorded_at, one.state)
