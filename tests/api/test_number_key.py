"""The key under which student numbers are hashed is made once, whole, for its owner alone."""

from api.service import number_key


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    made = number_key(tmp_path / "data")

    assert len(made) == 32
    assert number_key(tmp_path / "data") == made != number_key(tmp_path / "other")
    (file,) = (tmp_path / "data").iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("number.key", 0o600)
