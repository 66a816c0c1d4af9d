"""A school directory (学校名录) that arrives as a file."""

from api.imports.columns import find_columns
from api.imports.sheet import read_sheet
from application.directory import School
from domain.identifiers import MalformedIdentifier, parse_school_code

HEADINGS = {
    "code": ("学校标识码",),
    "name": ("学校名称",),
    "township": ("乡镇(街道)", "乡镇", "镇街"),
    "office": ("中心校",),
    "stage": ("学段", "办学类型"),
}
STAGES = {"小学": "primary", "初中": "junior", "初级中学": "junior"}


class WrongDirectory(Exception):
    """The directory has rows that cannot be taken; nothing was changed. Says which and why."""


async def schools_of(file: bytes) -> list[School]:
    """
    Read a directory.

    :raises UnreadableFile: if the file is no table, or has not the headings
    :raises WrongDirectory: with every row that cannot be taken
    """
    table = await read_sheet(file)
    columns = find_columns(table, HEADINGS, list(HEADINGS))
    schools: list[School] = []
    errors: list[str] = []
    for row, cells in columns.rows(table):
        words = {field: str(cell).strip() for field, cell in cells.items()}
        try:
            school = School(
                code=parse_school_code(words["code"]).text,
                name=words["name"],
                township=words["township"],
                township_office=words["office"],
                stage=STAGES[words["stage"]],
            )
        except MalformedIdentifier as malformed:
            errors.append(f"第 {row} 行 row {row}: {malformed.zh} {malformed.en}")
        except KeyError as missing:
            field = missing.args[0]
            heading = HEADINGS[field][0] if field in HEADINGS else f"学段 {field}"
            errors.append(f"第 {row} 行 row {row}: {heading}?")
        else:
            schools.append(school)
    if errors:
        raise WrongDirectory("\n".join(errors))
    return schools
