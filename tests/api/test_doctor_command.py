"""`guixue doctor` says in plain words how things stand, and exits 1 if something is wrong."""

import pytest

from api.cli import PLAIN
from api.doctor_cli import erased_in, trust_findings
from api.service import ready_to_run
from api.settings import Settings
from application.store.finding import Level
from tests.api.test_command_line import ROLL_LINES, SCHOOL_LINES, csv
from tests.starting import guixue


def test_the_doctor_finds_a_new_service_well_and_a_readable_key_file_not(tmp_path, certificates):
    folder = tmp_path / "data"
    for command, lines in (("import-schools", SCHOOL_LINES), ("import-roll", ROLL_LINES)):
        assert guixue(command, csv(tmp_path, *lines), "--data", folder).returncode == 0

    own = tmp_path / "own.pem"
    held = [certificates.shown(name).read_bytes() for name in ("root", "expired")]
    own.write_bytes(b"".join(held))
    well = guixue("doctor", "--data", folder, GUIXUE_CA_FILE=str(certificates.root))
    status = guixue("status", "--data", folder)
    (folder / "sealing.key").chmod(0o644)
    ill = guixue("doctor", "--data", folder, GUIXUE_CA_FILE=str(own))

    assert (well.returncode, well.stderr) == (0, "")
    assert {line[0] for line in well.stdout.splitlines()} == {"✓", "!"}  # views are not there yet
    assert "3 条记录" in well.stdout
    assert (status.returncode, status.stderr) == (0, "")
    assert "the views are not there yet" in status.stdout
    assert (ill.returncode, ill.stderr) == (1, "")
    wrong, over = [line for line in ill.stdout.splitlines() if line.startswith("✗")]
    assert "sealing.key 0644" in wrong
    assert "chmod 600" in wrong
    assert "certificates of GUIXUE_CA_FILE have expired: 2;" in over


def test_a_file_of_certificates_that_cannot_be_used_is_said_and_nothing_starts(tmp_path):
    settings = Settings(data=tmp_path, ca_file=tmp_path)
    with pytest.raises(PLAIN, match="GUIXUE_CA_FILE"):
        ready_to_run(settings, "before the database is asked")

    (found,) = trust_findings(settings)

    assert (found.name, found.level) == ("trust", Level.BAD)
    assert f"GUIXUE_CA_FILE: {tmp_path} cannot be read" in found.en
    assert trust_findings(Settings()) == []


@pytest.mark.parametrize("held", ["", "student_id\n不是", "student_id,erased\n,", "\x00", None])
def test_a_list_of_erasures_that_is_none_is_said(tmp_path, held):
    file = tmp_path / "erasures.csv"
    if held is not None:
        file.write_text(held, "utf-8")

    with pytest.raises(PLAIN, match=r"is no erasures\.csv"):
        erased_in(file)


def test_the_doctor_makes_no_data_folder_and_no_key(tmp_path):
    told = guixue("doctor", "--data", tmp_path / "data")

    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()
