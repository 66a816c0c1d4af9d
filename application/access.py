"""Who may do and see what: one policy per question, by role and by reach."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.entry import Actor
from domain.roll import TransferRequested
from domain.student import Student

ROLES = {
    "teacher": ("班主任", "homeroom teacher"),
    "registrar": ("学籍管理员", "roll registrar"),
    "counsellor": ("心理教师", "counsellor"),
    "principal": ("校长", "principal"),
    "township_office": ("中心校", "township school office"),
    "township": ("镇人民政府(街道)", "township government"),
    "bureau": ("区教体局", "district education bureau"),
    "auditor": ("审计", "auditor"),
    "admin": ("系统管理员", "administrator"),
}
LEVEL = {
    "township_office": "township",
    "township": "township",
    "bureau": "bureau",
    "auditor": "bureau",
    "admin": "bureau",
}
SUPERIOR = frozenset({"township_office", "bureau"})  # units that decide a school's close-outs

SCHOOL = frozenset({"teacher", "registrar", "principal"})
REGISTRY = frozenset({"registrar", "principal", "bureau"})
ANYONE_AT_WORK = SCHOOL | {"counsellor", "township_office", "township", "bureau"}

# Which roles may take which step (domain.md sections 1 and 3). Reach is asked besides.
MAY: dict[str, frozenset[str]] = {
    "enrol": REGISTRY | {"township"},
    "change_roll": REGISTRY,
    "promote": REGISTRY,
    "assign_key_group": SCHOOL | {"bureau"},
    "end_key_group": SCHOOL | {"bureau"},
    "flag_absence": ANYONE_AT_WORK,
    "suspect": SCHOOL | {"township_office", "bureau"},
    "name_responsible": SCHOOL | {"bureau"},
    "visit_home": ANYONE_AT_WORK,
    "counsel": SCHOOL | {"counsellor"},
    "persuade": ANYONE_AT_WORK,
    "support": SCHOOL | {"township", "bureau"},
    "report": frozenset({"principal", "township_office", "township"}),
    "report_to_township": frozenset({"principal"}),
    "report_to_bureau": frozenset({"principal", "township_office", "township"}),
    "issue_order": frozenset({"township", "bureau"}),
    "serve_order": frozenset({"township", "bureau"}),
    "take_legal_action": frozenset({"township"}),
    "refer": frozenset({"township", "bureau"}),
    "answer_referral": frozenset({"township", "bureau"}),
    "confirm_return": SCHOOL,
    "observe_attendance": SCHOOL,
    "assign_home_teaching": frozenset({"bureau"}),
    "teach_at_home": SCHOOL | {"bureau"},
    "place": frozenset({"bureau"}),
    "lose_contact": SCHOOL,
    "mark_dropout": SCHOOL,
    "confirm_dropout": frozenset({"bureau"}),
    "request_close_out": SCHOOL,
    "decide_close_out": SCHOOL | SUPERIOR,
    "request_transfer": REGISTRY,
    "decide_transfer": REGISTRY,
    "correct": ANYONE_AT_WORK,
    "read": ANYONE_AT_WORK | {"auditor"},
    "reveal": SCHOOL | {"township_office", "bureau", "auditor"},
    "import_roll": REGISTRY,
}


class NotAllowed(Exception):
    """The person's role does not take this step."""


class OutOfReach(NotAllowed):
    """The person's role takes this step, but not for this child or school."""


@dataclass(frozen=True, slots=True)
class Post:
    """
    A post (岗位) at a unit.

    ``schools`` are the schools the post answers for; ``grade`` and ``class_name`` narrow a
    teacher's to one class; ``township`` is a township government's area.
    """

    role: str
    unit: str
    schools: frozenset[str] = frozenset()
    grade: int | None = None
    class_name: str | None = None
    township: str | None = None

    @property
    def whole_district(self) -> bool:
        return self.role in {"bureau", "auditor"}

    def reaches(self, child: Student) -> bool:
        """Say whether the child is this post's to look after, by the child's present place."""
        state = child.state
        if self.whole_district:
            return True
        if self.role == "township":
            return state.reported and state.township == self.township
        if self.role == "teacher":
            return (
                state.school_code in self.schools
                and state.grade == self.grade
                and state.class_name == self.class_name
            )
        return state.school_code in self.schools


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in, with the posts they hold today."""

    account: str
    username: str
    name: str
    posts: tuple[Post, ...]

    def actor(self, post: Post) -> Actor:
        return Actor(
            account=self.account,
            name=self.name,
            role=post.role,
            unit=post.unit,
            level=LEVEL.get(post.role, "school"),
            superior=post.role in SUPERIOR,
        )


def posts_for(person: Person, step: str) -> list[Post]:
    """
    Return the posts whose role takes a step.

    :raises NotAllowed: if none does
    """
    posts = [post for post in person.posts if post.role in MAY[step]]
    if not posts:
        raise NotAllowed
    return posts


def may(
    person: Person,
    step: str,
    child: Student,
    reaches: Callable[[Post, Student], bool] = Post.reaches,
) -> Post:
    """
    Return the post in which the person may take a step for a child.

    :raises NotAllowed: if no post's role takes it
    :raises OutOfReach: if the child is not theirs
    """
    for post in posts_for(person, step):
        if reaches(post, child):
            return post
    raise OutOfReach


def answers_transfer(post: Post, child: Student) -> bool:
    """Say whether a post answers for the school a child is offered to."""
    request = child.state.transfer and child.entries[child.state.transfer - 1]
    if isinstance(request, TransferRequested):
        return post.whole_district or request.to_school in post.schools
    return post.reaches(child)


def teaches_at_home(post: Post, child: Student) -> bool:
    """Say whether a post answers for the school that teaches a child at home."""
    plan = child.state.home_teaching
    return post.reaches(child) or (plan is not None and plan.school_code in post.schools)


def may_at_school(person: Person, step: str, school_code: str | None, township: str | None) -> Post:
    """
    Return the post in which the person may take a step at a school, or in a township without one.

    :raises NotAllowed: if no post's role takes it
    :raises OutOfReach: if the school is not theirs
    """
    for post in posts_for(person, step):
        if post.whole_district:
            return post
        if school_code is None and post.township is not None and post.township == township:
            return post
        if school_code in post.schools and post.role != "teacher":
            return post
    raise OutOfReach


def correction_step(kind: str, to_level: str | None = None) -> str:
    """Name the step a correction of an entry counts as: who may record it may correct it."""
    if kind == "written_report_filed":
        return f"report_to_{to_level}"
    return STEP_OF_KIND[kind]


STEP_OF_KIND = {
    "enrolled": "enrol",
    "roll_changed": "change_roll",
    "promoted": "promote",
    "graduated": "promote",
    "transfer_requested": "request_transfer",
    "transfer_accepted": "decide_transfer",
    "transfer_rejected": "decide_transfer",
    "key_group_assigned": "assign_key_group",
    "key_group_ended": "end_key_group",
    "absence_flagged": "flag_absence",
    "dropout_suspected": "suspect",
    "contact_lost": "lose_contact",
    "dropout_marked": "mark_dropout",
    "dropout_confirmed": "confirm_dropout",
    "returned_to_school": "confirm_return",
    "attendance_observed": "observe_attendance",
    "responsible_person_named": "name_responsible",
    "home_visited": "visit_home",
    "counselling_given": "counsel",
    "persuasion_attempted": "persuade",
    "support_given": "support",
    "home_teaching_assigned": "assign_home_teaching",
    "home_teaching_given": "teach_at_home",
    "placement_arranged": "place",
    "order_issued": "issue_order",
    "order_served": "serve_order",
    "legal_action_taken": "take_legal_action",
    "referral_made": "refer",
    "referral_answered": "answer_referral",
    "close_out_requested": "request_close_out",
    "close_out_approved": "decide_close_out",
    "close_out_rejected": "decide_close_out",
    "corrected": "correct",
}
