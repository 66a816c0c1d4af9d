"""Who may see a child, and by which rule: the check itself, asked for one post at a time."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from application.access import NotAllowed, Person, Post, may
from application.roles import ASKED
from domain.code_list import CodeList
from domain.student import Student

RULE = CodeList.read(
    "查看依据",
    "domain.md section 1",
    """
    own_class            | 本班学生                 | Own class
    own_school           | 本校学生                 | Own school
    township_office      | 所辖学校学生             | School of the township office
    reported_to_township | 已报送本乡镇的个案       | Case reported to the township
    no_school            | 本乡镇未在任何学校的儿童 | Child of the township at no school
    district             | 全区学生                 | Whole district
    inspection           | 督查所涉学校             | School of the inspection
    referred             | 已转介的个案             | Referred case
    asked                | 转介承办,仅约定字段     | Asked for help, agreed fields only
    break_glass          | 紧急查看                 | Glass broken
    """,
)
RULE_OF_ROLE = {
    "teacher": "own_class",
    "registrar": "own_school",
    "counsellor": "own_school",
    "principal": "own_school",
    "township_office": "township_office",
    "township": "reported_to_township",
    "bureau": "district",
    "auditor": "district",
    "inspector": "inspection",
    "task_force": "referred",
    "village": "asked",
    "member_unit": "asked",
}


def sights(person: Person, child: Student) -> Iterator[tuple[Post, str]]:
    """
    Give the posts in which a person may read a child now, each with the rule it does so by.

    Units that are asked for help may read what their referral sends.
    """
    for post in person.posts:
        step = "read_referral" if post.role in ASKED else "read"
        with suppress(NotAllowed):
            yield may(replace(person, posts=(post,)), step, child), rule_of(post, child)


def rule_of(post: Post, child: Student) -> str:
    """Name the rule by which a post reaches a child."""
    if post.role == "township" and child.state.school_code is None:
        return "no_school"
    return RULE_OF_ROLE[post.role]
