"""`guixue privacy` lists what need not be kept, and writes the year's evidence to a new folder."""

from tests.api.test_command_line import ROLL_LINES, SCHOOL_LINES, csv
from tests.starting import guixue


def test_the_privacy_commands_work_on_a_data_folder(tmp_path):
    folder, filed = tmp_path / "data", tmp_path / "filed"
    grown_up = ROLL_LINES[1].replace("2014-09-15", "1999-09-15")
    for command, lines in (
        ("import-schools", SCHOOL_LINES),
        ("import-roll", [ROLL_LINES[0], grown_up, *ROLL_LINES[2:]]),
    ):
        assert guixue(command, csv(tmp_path, *lines), "--data", folder).returncode == 0

    due = guixue("privacy", "due", "--data", folder)
    dropped = guixue("privacy", "drop-roll-calls", "--before", "2019-09-01", "--data", folder)
    too_young = guixue("privacy", "drop-roll-calls", "--before", "2099-01-01", "--data", folder)
    packed = guixue("privacy", "pack", filed, "--data", folder)
    again = guixue("privacy", "pack", filed, "--data", folder)

    assert (due.returncode, due.stderr) == (0, "")
    assert "2020-09-15" in due.stdout
    assert "封存 restriction" in due.stdout
    assert "1 名儿童" in due.stdout
    assert "测小舟" not in due.stdout
    assert (dropped.returncode, dropped.stderr) == (0, "")
    assert "0 次点名、0 条缺勤已删除" in dropped.stdout
    assert (too_young.returncode, too_young.stdout, too_young.stderr.count("\n")) == (1, "", 1)
    assert (packed.returncode, packed.stderr) == (0, "")
    assert {file.suffix for file in filed.iterdir()} == {".md", ".csv"}
    assert "birth_date" in (filed / "fields.csv").read_text("utf-8-sig")
    assert not any("测小舟" in file.read_text("utf-8") for file in filed.iterdir())
    assert (again.returncode, again.stdout, again.stderr.count("\n")) == (1, "", 1)
