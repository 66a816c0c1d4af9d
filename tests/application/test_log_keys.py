"""Signing keys: read as written, the newest first; a receipt is always signed by the same one."""

from datetime import UTC, datetime, timedelta

import pytest

from application.store.key_ring import NoKey
from application.store.log_keys import LogKey, LogKeys, read_log_keys, write_log_keys
from application.store.signed_note import Note, NoteKey

MOMENT = datetime(2026, 9, 1, tzinfo=UTC)
TEXT = "guixue.example/demo\n7\nqqo=\n"


def made(since=MOMENT, name="guixue.example/demo"):
    return LogKey(since, LogKey.made(name).signer)


def test_keys_are_read_as_written(tmp_path):
    path = tmp_path / "log.key"
    old, new = made(), made(MOMENT + timedelta(days=1))

    write_log_keys(path, [old, new])

    assert [key.line() for key in read_log_keys(path)] == [new.line(), old.line()]
    assert path.stat().st_mode & 0o777 == 0o600


def test_every_key_signs_and_a_rotation_reaches_who_signs_already(tmp_path):
    path = tmp_path / "log.key"
    old, new = made(), made(MOMENT + timedelta(days=1))
    write_log_keys(path, [old])
    keys = LogKeys(path)
    assert len(keys.sign(TEXT).signatures) == 1

    write_log_keys(path, [new, old])

    note = Note.read(keys.sign(TEXT).told())
    public = [NoteKey.read(key.signer.key.told()) for key in (new, old)]
    assert [key for key, _ in note.signed_by(public)] == public
    keys.check(note.told())


def test_a_receipt_is_signed_by_the_key_of_its_moment(tmp_path):
    path = tmp_path / "log.key"
    old, new = made(), made(MOMENT + timedelta(days=1))
    write_log_keys(path, [new, old])
    keys = LogKeys(path)

    at = [keys.at(MOMENT + timedelta(hours=hours)).key for hours in (-1, 0, 23, 24, 99)]

    assert at == [key.signer.key for key in (old, old, old, new, new)]


def test_anothers_checkpoint_is_not_gone_on_from(tmp_path):
    write_log_keys(tmp_path / "log.key", [made()])
    write_log_keys(tmp_path / "another.key", [made()])

    with pytest.raises(NoKey, match="another key"):
        LogKeys(tmp_path / "log.key").check(LogKeys(tmp_path / "another.key").sign(TEXT).told())


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "PRIVATE+KEY+a+b+c", "\x00", "2026-09-01 PRIVATE+KEY+a+00000000+AQ=="],
)
def test_a_file_of_something_else_is_refused(tmp_path, text):
    path = tmp_path / "log.key"
    path.write_text(text)

    with pytest.raises(NoKey, match=r"log\.key"):
        LogKeys(path)


def test_keys_of_two_logs_are_refused(tmp_path):
    write_log_keys(tmp_path / "log.key", [made(), made(name="another")])

    with pytest.raises(NoKey, match="one log"):
        LogKeys(tmp_path / "log.key")


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(NoKey, match="backup"):
        LogKeys(tmp_path / "log.key")
