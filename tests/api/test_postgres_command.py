"""`guixue postgres` runs PostgreSQL's own tools on the service's database, and no others."""

import pytest

from tests.databases import laid_out
from tests.starting import guixue

PSQL = ("postgres", "psql", "--no-psqlrc", "--tuples-only", "--no-align")


@pytest.fixture
def model():
    return laid_out


def test_a_tool_finds_the_database_and_ends_as_it_ended(connection, database_url, tmp_path):
    """What it writes is for its owner alone."""
    written = tmp_path / "written.txt"
    wanted = connection.execute(
        "SELECT format(E'%s %s\\n', current_database(), current_user)"
    ).fetchone()
    asked = "SELECT current_database() || ' ' || current_user"
    given = {"GUIXUE_DATABASE_URL": database_url, "GUIXUE_DATA": str(tmp_path)}

    well = guixue(*PSQL, "--output", written, "--command", asked, **given)
    ill = guixue(*PSQL, "--command", "SELECT nothing", **given)
    other = guixue("postgres", "initdb", tmp_path / "cluster", **given)

    assert (well.returncode, (written.read_text("utf-8"),)) == (0, wanted)
    assert written.stat().st_mode & 0o777 == 0o600
    assert (ill.returncode, 'column "nothing" does not exist' in ill.stderr) == (1, True)
    assert (other.returncode, "'pg_dump', 'pg_restore', 'psql'" in other.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == [written]
