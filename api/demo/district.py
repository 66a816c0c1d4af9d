"""The reference district's schools and children, invented from a seed; counts as in domain.md."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from application.directory import School
from domain.identifiers import id_check_character

SEED = 20230925
PRIMARY_SCHOOLS, JUNIOR_SCHOOLS = 57, 20  # one of the junior ones is the special school
PRIMARY_CHILDREN, JUNIOR_CHILDREN = 34_550, 17_834
CHILDREN = PRIMARY_CHILDREN + JUNIOR_CHILDREN
INCLUSIVE, SPECIAL, HOME_TAUGHT = 229, 72, 36
AT_SPECIAL_SCHOOL = 60  # of the 72; the others are at institutions
POVERTY_RELIEVED = 1_332
CLASS_SIZE = 45
AREA = "410399"  # no such county: a number made of it is nobody's
TEACHERS_CLASS = (8, "2班")

TOWNSHIPS = (
    *("桐荫街道", "杏坛街道", "云溪镇", "松涛镇", "麦野镇"),
    *("青禾镇", "白露镇", "望岳镇", "晴川镇", "临波镇"),
)
SURNAMES = "测试例拟设演"  # no surnames: nobody takes these children for real ones
GIVEN_FIRST = "小一子文思雨晨嘉若亦清书语景明安远知星朗"
GIVEN_SECOND = "舟禾溪岚川松麦野露桐杏波云岳石竹帆苗泉陌"
VILLAGES = "东西南北中上下前后新"
OTHER_GROUPS = (("left_behind", 0.09), ("migrant", 0.05), ("learning_difficulty", 0.02))


@dataclass(frozen=True, slots=True)
class InventedChild:
    """What a child is enrolled with, and where a disabled one is placed."""

    facts: dict[str, Any]
    arrangement: str | None


@cache
def schools() -> tuple[School, ...]:
    """Invent the 77 schools, primary first, the special school last."""
    made = []
    for number in range(1, PRIMARY_SCHOOLS + JUNIOR_SCHOOLS + 1):
        township = TOWNSHIPS[number % len(TOWNSHIPS)]
        short = township.removesuffix("镇").removesuffix("街道")
        if number <= PRIMARY_SCHOOLS:
            kind, stage, name = "21", "primary", f"{short}第{number}小学"
        elif number < PRIMARY_SCHOOLS + JUNIOR_SCHOOLS:
            kind, stage, name = "31", "junior", f"{short}第{number}中学"
        else:
            kind, stage, name = "51", "junior", "示例区特殊教育学校"
        made.append(School(f"{kind}41{number:06d}", name, township, f"{township}中心校", stage))
    return tuple(made)


def demo_school() -> School:
    """Give the school of the demo's teacher and principal: the first junior one."""
    return schools()[PRIMARY_SCHOOLS]


def special_school() -> School:
    return schools()[-1]


def school_year_begun(today: date) -> date:
    """Give the day on which the children came onto the roll: the school year's first."""
    return date(today.year if today.month >= 9 else today.year - 1, 9, 1)  # noqa: PLR2004  # September


def children(today: date) -> Iterator[InventedChild]:
    """
    Invent the 52,384 children; the same for the same day.

    Disabled children come spread over the ordinary schools, but for those at the special school.
    """
    chance = random.Random(SEED)  # noqa: S311  # the same district every time is the point
    school_year = school_year_begun(today).year
    places = list(_places())
    arrangements = _arrangements(chance, places)
    poor = set(chance.sample(range(CHILDREN), POVERTY_RELIEVED))
    born_on: Counter[date] = Counter()
    for serial, (school, grade, class_name) in enumerate(places):
        # A school year's children are born from September to August.
        born = date(school_year - grade - 6, 9, 1) + timedelta(days=chance.randrange(365))
        born_on[born] += 1
        id_number = _id_number(born, born_on[born])
        facts = _facts(chance, serial, school, born, id_number)
        facts |= {"grade": grade, "class_name": class_name}
        arrangement = arrangements.get(serial)
        groups = _groups(chance, arrangement, poor=serial in poor)
        if groups:
            facts["key_groups"] = groups
        if arrangement is not None:
            facts["disability"] = _disability(chance, id_number)
        yield InventedChild(facts, arrangement)


def _places() -> Iterator[tuple[School, int, str]]:
    """Give every seat: school, grade and class, in classes of some 45."""
    primary, junior = schools()[:PRIMARY_SCHOOLS], schools()[PRIMARY_SCHOOLS:-1]
    yield from _seats(primary, range(1, 7), PRIMARY_CHILDREN)
    yield from _seats(junior, range(7, 10), JUNIOR_CHILDREN - AT_SPECIAL_SCHOOL)
    for number in range(AT_SPECIAL_SCHOOL):
        yield special_school(), 7 + number % 3, f"{number // 3 % 2 + 1}班"


def _seats(
    some: tuple[School, ...], grades: range, total: int
) -> Iterator[tuple[School, int, str]]:
    groups = [(school, grade) for school in some for grade in grades]
    for number, (school, grade) in enumerate(groups):
        size = total // len(groups) + (number < total % len(groups))
        classes = max(1, round(size / CLASS_SIZE))
        for seat in range(size):
            yield school, grade, f"{seat * classes // size + 1}班"


def _arrangements(chance: random.Random, places: list[tuple[School, int, str]]) -> dict[int, str]:
    """Say which seats are those of the 337 disabled children, and how each is placed."""
    special = [n for n, (school, _, _) in enumerate(places) if school == special_school()]
    ordinary = [
        n
        for n, (school, _, _) in enumerate(places)
        if school not in {special_school(), demo_school()}
    ]
    others = SPECIAL - AT_SPECIAL_SCHOOL
    chosen = chance.sample(ordinary, INCLUSIVE + others + HOME_TAUGHT)
    kinds = (
        ["inclusive_class"] * INCLUSIVE + ["institution"] * others + ["home_teaching"] * HOME_TAUGHT
    )
    return {
        **dict.fromkeys(special, "special_school"),
        **dict(zip(chosen, kinds, strict=True)),
    }


def _facts(
    chance: random.Random, serial: int, school: School, born: date, id_number: str
) -> dict[str, Any]:
    surname = SURNAMES[chance.randrange(len(SURNAMES))]
    village = f"{school.township}{VILLAGES[serial % len(VILLAGES)]}村"
    return {
        "name": surname + chance.choice(GIVEN_FIRST) + chance.choice(GIVEN_SECOND),
        "sex": ("female", "male")[int(id_number[16]) % 2],  # odd for male (GB 11643)
        "birth_date": born,
        "student_number": f"G{id_number}",
        "id_number": id_number,
        "school_code": school.code,
        "guardians": [
            {
                "name": surname + chance.choice("大长老") + chance.choice(GIVEN_SECOND),
                "relation": chance.choice(("父亲", "母亲", "祖父", "祖母")),
                "phone": f"1900000{serial % 10000:04d}",
            }
        ],
        "home_address": f"示例区{village}{serial % 300 + 1}号",
        "registered_residence": f"示例区{village}",
        "township": school.township,
    }


def _groups(chance: random.Random, arrangement: str | None, *, poor: bool) -> list[dict[str, str]]:
    groups = [_group("poverty_relieved", "乡村振兴部门户籍名单")] if poor else []
    if arrangement is not None:
        groups.append(_group("disabled", "残联名单"))
    return groups + [
        _group(code, "班主任排查") for code, share in OTHER_GROUPS if chance.random() < share
    ]


def _disability(chance: random.Random, id_number: str) -> dict[str, str]:
    kind, level = str(chance.randrange(1, 8)), str(chance.randrange(1, 5))
    return {"type": kind, "level": level, "certificate": f"{id_number}{kind}{level}"}


def _group(code: str, source: str) -> dict[str, str]:
    return {"code": code, "source": source, "purpose": "控辍保学重点关注"}


def _id_number(born: date, serial: int) -> str:
    """Make the valid ID number of nobody: the ``serial``-th child invented for a day."""
    first17 = f"{AREA}{born:%Y%m%d}{serial:03d}"
    return first17 + id_check_character(first17)
