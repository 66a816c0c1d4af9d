"""What the store appends and the keeper signs is what the verifier proves."""

from dataclasses import replace

import psycopg
import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

from application.store.checkpoint_checks import Asked
from application.store.evidence import Bundle
from application.store.signed_note import Note
from application.store.tree_keeping import TreeKeeper, last_note
from application.store.verdict import Verdict
from application.store.verifying import check
from tests.application.appends import ONE, THREE, TWO, append, entry
from tests.application.trees import ROWS, log_keys, plain
from tests.keys import RING
from tests.proof import NOW, MadeLog, Row


@pytest.fixture
def keys(tmp_path):
    return log_keys(tmp_path)


@pytest.fixture
def keeper(prepared, keys):
    with psycopg.connect(prepared.tree_url, autocommit=True) as own:
        yield TreeKeeper(own, keys)


def bundle(connection, keys, child, *earlier) -> Bundle:
    """The evidence of a child, worked out plainly from the rows, with the keeper's checkpoint."""
    rows = [Row(*row[:6]) for row in connection.execute(ROWS)]
    log = MadeLog(rows, keys.current()[0].signer, plain(connection).secret)
    wrapped, under = connection.execute(
        "SELECT wrapped, under FROM keys.children WHERE student_id = %s", [child]
    ).fetchone()
    made = log.bundle(child, earlier=earlier)
    key = aes_key_unwrap(RING.key(under), wrapped)
    return replace(made, key=key, checkpoint=last_note(connection))


async def test_every_child_is_proven_at_every_checkpoint(store, keeper, connection, keys):
    asked = Asked(tuple(key.signer.key for key in keys.current()), NOW)
    seen = []
    for appends in (
        [entry(ONE), entry(TWO), entry(ONE, 2)],
        [entry(TWO, 2, topic="student.主题", state="内容".encode()), entry(ONE, 3)],
        [entry(THREE), entry(ONE, 4, state=b"x" * 5_000)],
    ):
        await store.append(append(*appends, actor="张三\n"))
        size = keeper.checkpoint().size
        for child in {ONE, TWO} if size < 9 else {ONE, TWO, THREE}:
            told = bundle(connection, keys, child, *(one for one, _ in seen)).told()
            for _, note in [(None, None), *seen]:
                since = None if note is None else Note.read(note)
                report = check(Bundle.read(told), replace(asked, since=since))
                assert report.verdict is Verdict.PROVEN, report.judged
        seen.append((size, last_note(connection)))
    assert len(seen) == 3
