"""The key under which student numbers are hashed is made once, and no other is taken for it."""

import pytest

from application.store.key_ring import NoKey
from application.store.number_key import KEY_BYTES, number_key
from tests.databases import laid_out

HASHED = "INSERT INTO log.student_numbers VALUES ('\\x01', gen_random_uuid())"
FORGOTTEN = "DELETE FROM keys.number_key"  # as in a database of an older version


@pytest.fixture
def model():
    return laid_out


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "number.key"


def test_the_key_is_made_once_and_only_its_owner_reads_it(path, connection):
    made = number_key(path, connection)

    assert len(made) == KEY_BYTES
    assert number_key(path, connection) == path.read_bytes() == made
    (file,) = path.parent.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("statement", [HASHED, FORGOTTEN + ";" + HASHED, "SELECT"])
def test_a_missing_key_is_never_made_anew(path, connection, statement):
    number_key(path, connection)
    connection.execute(statement)
    path.unlink()

    with pytest.raises(NoKey, match=r"number\.key is missing"):
        number_key(path, connection)

    assert not path.exists()


@pytest.mark.parametrize("content", [b"x" * KEY_BYTES, b"", b"x" * 33])
def test_another_key_is_refused_and_left_as_it_is(path, connection, content):
    number_key(path, connection)
    path.write_bytes(content)

    with pytest.raises(NoKey, match=r"Put (it|the right file) back from its backup"):
        number_key(path, connection)

    assert path.read_bytes() == content


def test_the_key_of_an_older_database_is_known_from_its_first_start_on(path, connection):
    made = number_key(path, connection)
    connection.execute(FORGOTTEN + ";" + HASHED)

    assert number_key(path, connection) == made

    path.write_bytes(b"x" * KEY_BYTES)
    with pytest.raises(NoKey, match="is not this database's"):
        number_key(path, connection)
