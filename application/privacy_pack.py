"""The evidence a district files each year (合规材料): what is recorded, seen and erased."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from io import StringIO
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict
from zoneinfo import ZoneInfo

import psycopg

from application.access import MAY_ALSO
from application.access_log import OUTCOME
from application.field_purposes import purpose_of
from application.roles import MAY, ROLES
from application.store.mapper import NOT_STORED
from application.store.streams import KEY_IS_CHILDS
from domain.entry import Entry
from domain.privacy import years_after
from domain.rules import Rules

Row = Sequence[object]
YES, NO = "是 yes", "否 no"
ACCESS = """
SELECT to_char(at AT TIME ZONE %(zone)s, 'YYYY-MM'), action, outcome, count(*), count(reason),
    count(DISTINCT account)
FROM access.access_log
WHERE at >= %(since)s::date::timestamp AT TIME ZONE %(zone)s
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
DROPPED = """
SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), before, kept_years, roll_calls,
    absences, first_day, last_day
FROM attendance.dropped ORDER BY at
"""
ERASED = f"""
SELECT student_id, to_char(destroyed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM keys.children WHERE destroyed_at IS NOT NULL AND {KEY_IS_CHILDS}
ORDER BY destroyed_at, student_id
"""  # noqa: S608  # our own words
ROTATED = """
SELECT encode(fingerprint, 'hex'), to_char(made_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    to_char(retired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM keys.encryption_keys ORDER BY made_at
"""  # noqa: E501


@dataclass(frozen=True, slots=True)
class Shown:
    """
    How answers show fields, by name: ``masked`` with the words of whom from, and those kept back.

    Fields ``kept_back`` stand in no view.
    """

    masked: Mapping[str, str]
    kept_back: frozenset[str]


def pack(
    connection: psycopg.Connection[Any], today: date, zone: ZoneInfo, rules: Rules, shown: Shown
) -> dict[str, str]:
    """Give the files of the evidence by their names; nothing in them is of a child's record."""
    since = years_after(today, -1)
    access = connection.execute(ACCESS, {"zone": zone.key, "since": since}).fetchall()
    erased = connection.execute(ERASED).fetchall()
    keys = connection.execute(ROTATED).fetchall()
    dropped = connection.execute(DROPPED).fetchall()
    return {
        "README.md": overview(today, since, rules, len(erased)),
        "fields.csv": table(FIELDS, field_register(shown)),
        "roll_calls.csv": table(ROLL_CALL_FIELDS, roll_call_fields()),
        "roll_calls_dropped.csv": table(DROPPED_LINES, dropped),
        "roles.csv": table(("操作 step", *role_names()), roles_matrix()),
        "access.csv": table(LINES, access_lines(access)),
        "disclosures.csv": table(DISCLOSED, disclosures(access)),
        "erasures.csv": table(("student_id", "销毁时刻 erased at"), erased),
        "keys.csv": table(("密钥指纹 fingerprint", "启用 made", "停用 retired"), keys),
    }


def table(heading: Row, rows: Iterable[Row]) -> str:
    """Give a table as CSV."""
    text = StringIO()
    csv.writer(text).writerows([heading, *rows])
    return text.getvalue()


# Every field --------------------------------------------------------------------------------------

FIELDS = (
    *("记录类别 kind", "字段 field", "类型 type", "必填 required"),
    *("处理目的", "purpose", "加密存储 sealed", "脱敏展示 masked", "不进台账 kept out of views"),
)


def kinds() -> list[type[Entry]]:
    """Give every kind of entry the domain has, by name."""
    made = [
        kind
        for kind in Entry.__subclasses__()
        if kind.__module__.startswith("domain.") and "TOPIC" in vars(kind)
    ]
    return sorted(made, key=lambda kind: kind.entry_kind())


def fields_of(kind: type[Entry]) -> Iterator[tuple[str, str, bool]]:
    """Yield the fields of a kind of entry, parts after a slash: name, type, whether required."""
    hints = get_type_hints(kind)
    for field in fields(kind):
        hint, required = hints[field.name], True
        if get_origin(hint) is UnionType:
            hint, required = next(arg for arg in get_args(hint) if arg is not NoneType), False
        (inner,) = get_args(hint) if get_origin(hint) is list else (hint,)
        if not is_typeddict(inner):
            yield field.name, type_words(hint), required
            continue
        for name, part in get_type_hints(inner).items():
            yield f"{field.name}/{name}", type_words(part), name in inner.__required_keys__


def type_words(hint: Any) -> str:
    if get_origin(hint) is list:
        return f"list of {type_words(get_args(hint)[0])}"
    if get_origin(hint) is UnionType:
        return " or ".join(type_words(arg) for arg in get_args(hint) if arg is not NoneType)
    name = str(getattr(hint, "__name__", hint))
    return {"str": "text", "TAggregateID": "UUID"}.get(name, name)


def field_register(shown: Shown) -> Iterator[Row]:
    """Yield a row for every field of every kind of entry."""
    for kind in kinds():
        for name, kind_of_value, required in fields_of(kind):
            last = name.rpartition("/")[2]
            yield (
                kind.entry_kind(),
                name,
                kind_of_value,
                YES if required else NO,
                *purpose_of(kind.entry_kind(), name),
                NO if name in NOT_STORED else YES,
                shown.masked.get(last, NO),
                YES if name in shown.kept_back else NO,
            )


# What roll-calls hold, beside the log; a test holds it to the tables.
ROLL_CALL_FIELDS = ("表 table", "字段 field", "处理目的", "purpose")
DROPPED_LINES = (
    *("删除时刻 dropped at", "早于 before", "保存年限 years kept", "点名次数 roll-calls"),
    *("缺勤条数 absences", "最早 first day", "最晚 last day"),
)
ROLL_CALLS = """
roll_calls | number | 点名次序,后者为准 | tells which of two stands
roll_calls | taken_at | 何时报送 | when it was sent
roll_calls | account | 谁报送,责任可查 | who sent it, to be answered for
roll_calls | role | 报送人当时岗位 | the sender's post then
roll_calls | unit | 报送人当时单位 | the sender's unit then
roll_calls | school_code | 点名的学校 | the school called
roll_calls | grade | 点名的年级 | the grade called
roll_calls | class_name | 点名的班级 | the class called
roll_calls | day | 点名之日 | the day called
roll_calls | key | 重复报送只留一份 | keeps what is sent twice once
roll_calls | request | 辨认重复报送 | tells what is sent twice
absences | roll_call | 所属点名 | the roll-call that names it
absences | student_id | 缺勤儿童,不存姓名与学籍号 | the child absent; no name, no number
absences | place | 报送中的次序 | its place in what was sent
absences | kind | 区分请假与旷课 | tells leave from truancy
absences | grade | 缺勤时所在年级 | the grade it was missed in
absences | class_name | 缺勤时所在班级 | the class it was missed in
screened | roll_call | 所排查的点名 | the roll-call screened
screened | screened_at | 何时排查 | when it was screened
screened | answer | 排查结果,重复报送得同一答复 | what came of it, the same answer for ever
"""


def roll_call_fields() -> list[Row]:
    """Give a row for every field of the tables in which roll-calls are kept."""
    return [[cell.strip() for cell in line.split("|")] for line in ROLL_CALLS.strip().splitlines()]


# Who may, who did ---------------------------------------------------------------------------------

LINES = ("月 month", "操作 action", "结果 outcome", "条数 lines", "附理由 with a reason")
DISCLOSED = ("操作 action", "条数 lines", "附理由 with a reason")


def role_names() -> list[str]:
    return [f"{zh} {en}" for zh, en in ROLES.values()]


def roles_matrix() -> Iterator[Row]:
    """Yield a row for every step: which roles take it, and which do for some children only."""
    for step, roles in MAY.items():
        also = frozenset[str]().union(*(more for more, _ in MAY_ALSO.get(step, ())))
        yield (
            step,
            *("✓" if role in roles else "(✓)" if role in also else "" for role in ROLES),
        )


def access_lines(access: Iterable[Row]) -> Iterator[Row]:
    """Yield lines of the access log as counted: month, action and outcome."""
    for month, action, outcome, lines, with_reason, _ in access:
        word = str(outcome)
        yield month, action, f"{OUTCOME.label(word, 'zh')} {word}", lines, with_reason


def disclosures(access: Iterable[Row]) -> list[Row]:
    """Count what was revealed in full or begun to be exported, and how often for a reason."""
    counted: dict[str, tuple[int, int]] = {}
    for _, action, outcome, lines, with_reason, _ in access:
        name = str(action)
        revealed = name.startswith("reveal") and outcome == "shown"
        exported = name.startswith("export") and outcome == "begun"
        if revealed or exported:
            before = counted.get(name, (0, 0))
            counted[name] = (before[0] + int(str(lines)), before[1] + int(str(with_reason)))
    return [(name, *numbers) for name, numbers in sorted(counted.items())]


def overview(today: date, since: date, rules: Rules, erased: int) -> str:
    """Tell in Markdown what is filed, and the retention rules in force."""
    return f"""# 个人信息保护合规材料 · Privacy evidence

{since} — {today}

## 保存期规则 · Retention rules in force (from {rules.in_force_from})

- 离校或年满 {rules.adult_age} 周岁(以先到者为准)后 {rules.retention_years} 年 · \
{rules.retention_years} years after the child left school here or came of age at \
{rules.adult_age}, whichever was first
- 末次销号后 {rules.retention_years_after_case} 年,以较晚者为准 · \
{rules.retention_years_after_case} years after the last close-out, if that is later
- 点名 {rules.roll_call_retention_years} 年,届满后由管理者以命令删除,每次删除留有记录 · roll-calls \
{rules.roll_call_retention_years} years after their day, then dropped by command, each time with a \
line; an erased child's go with its record
- 届满后由人封存、申请,另一人批准方可销毁 · then people restrict, ask for and decide erasure; \
nothing is erased by itself

## 文件 · Files

- `fields.csv` 字段登记表,{sum(1 for kind in kinds() for _ in fields_of(kind))} 项 · \
every field recorded, its purpose, and how it is protected
- `roll_calls.csv` 点名(考勤)字段登记表,不存姓名与学籍号 · every field of roll-calls
- `roll_calls_dropped.csv` 届满删除的点名 · roll-calls dropped after their period
- `roles.csv` 岗位权限表;(✓) 仅对部分儿童 · which role takes which step; (✓) for some children only
- `access.csv` 近十二个月访问统计 · the access log of twelve months, counted
- `disclosures.csv` 查看完整信息与导出,及附理由的次数 · reveals and exports; how many for a reason
- `erasures.csv` 已销毁的记录,{erased} 条 · records erased
- `keys.csv` 密钥启用与停用 · keys taken into use and retired
"""
