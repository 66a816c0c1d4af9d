"""`guixue doctor` says in plain words how things stand, and exits 1 if something is wrong."""

from tests.api.test_command_line import ROLL_LINES, SCHOOL_LINES, csv
from tests.starting import guixue


def test_the_doctor_finds_a_new_service_well_and_a_readable_key_file_not(tmp_path):
    folder = tmp_path / "data"
    for command, lines in (("import-schools", SCHOOL_LINES), ("import-roll", ROLL_LINES)):
        assert guixue(command, csv(tmp_path, *lines), "--data", folder).returncode == 0

    well = guixue("doctor", "--data", folder)
    (folder / "sealing.key").chmod(0o644)
    ill = guixue("doctor", "--data", folder)

    assert (well.returncode, well.stderr) == (0, "")
    assert {line[0] for line in well.stdout.splitlines()} == {"✓", "!"}  # views are not there yet
    assert "3 条记录" in well.stdout
    assert (ill.returncode, ill.stderr) == (1, "")
    (wrong,) = [line for line in ill.stdout.splitlines() if line.startswith("✗")]
    assert "sealing.key 0644" in wrong
    assert "chmod 600" in wrong


def test_the_doctor_makes_no_data_folder_and_no_key(tmp_path):
    told = guixue("doctor", "--data", tmp_path / "data")

    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()
