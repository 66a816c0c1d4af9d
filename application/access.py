"""Who may do and see what: one policy per question, by role and by reach."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from application.roles import (
    ANYONE_AT_WORK,
    ASKED,
    AUTHORS_OWN,
    LEVEL,
    MAY,
    STEP_OF_KIND,
    SUPERIOR,
    WHOLE_SCHOOL,
)
from application.store.scope import Scope
from domain.admission import awaits_school
from domain.entry import Actor, Entry
from domain.papers_received import WITH_PAPERS
from domain.roll import LAST_GRADE, LEFT_DISTRICT
from domain.screening import Place
from domain.student import Student
from domain.transfers import TransferRequested


def without_school(child: Student) -> bool:
    return child.state.school_code is None


def case_closed(child: Student) -> bool:
    return child.status == "closed"


# Who else may, for some children: those at no school have nobody else to take a school's steps,
# and a case that failed its audit is reopened by anyone (domain.md section 3).
ABOVE_SCHOOL = frozenset({"township", "bureau"})
MAY_ALSO: dict[str, tuple[tuple[frozenset[str], Callable[[Student], bool]], ...]] = {
    "suspect": ((ABOVE_SCHOOL, without_school), (ANYONE_AT_WORK, case_closed)),
    "lose_contact": ((ABOVE_SCHOOL, without_school),),
    "mark_dropout": ((ABOVE_SCHOOL, without_school),),
    "request_close_out": ((ABOVE_SCHOOL, without_school),),
    "request_transfer": ((ABOVE_SCHOOL, without_school),),
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
        """
        Say whether the child is this post's to look after, by the child's present place.

        A township knows the cases reported to it, and the children found at no school; the task
        force those referred; a village or member unit those it is asked about and has not answered.
        """
        state = child.state
        if self.whole_district:
            return True
        if self.role == "task_force":
            return child.is_referred
        if self.role in ASKED:
            return any(asked.to_unit == self.unit for asked in child.open_referrals)
        if self.role == "township":
            known = child.is_reported or state.school_code is None
            return known and state.township == self.township
        if self.role == "teacher":
            return (
                self.class_name is not None
                and state.school_code in self.schools
                and state.grade == self.grade
                and state.class_name == self.class_name
            )
        return state.school_code in self.schools


def scope_of(posts: Iterable[Post], children: Iterable[UUID] = ()) -> Scope:
    """
    Give the scope of some posts, as the database holds every row against it.

    It lets through what ``Post.reaches`` does, and single ``children`` besides.
    """
    held = list(posts)
    if any(post.whole_district for post in held):
        return Scope(district=True)
    return Scope(
        schools=frozenset[str]().union(*(p.schools for p in held if p.role in WHOLE_SCHOOL)),
        classes=frozenset(
            f"{school}/{p.grade}/{p.class_name}"
            for p in held
            if p.role == "teacher" and p.class_name is not None
            for school in p.schools
        ),
        townships=frozenset(p.township for p in held if p.role == "township" and p.township),
        units=frozenset(post.unit for post in held if post.role in ASKED),
        referred=any(post.role == "task_force" for post in held),
        children=frozenset(children),
    )


# Steps that only look; broken glass gives the first two.
LOOKS = frozenset({"read", "read_entry", "read_referral", "take_evidence", "read_attendance"})
THROUGH_GLASS = frozenset({"read", "read_entry"})
Reaches = Callable[[Post, Student, int | None], bool]


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
    Return the posts whose role takes a step, for some child at least.

    :raises NotAllowed: if none does
    """
    roles = MAY[step].union(*(also for also, _ in MAY_ALSO.get(step, ())))
    posts = [post for post in person.posts if post.role in roles]
    if not posts:
        raise NotAllowed
    return posts


def in_reach(post: Post, child: Student, entry: int | None = None) -> bool:  # noqa: ARG001
    return post.reaches(child)


def may(
    person: Person,
    step: str,
    child: Student,
    reaches: Reaches = in_reach,
    entry: int | None = None,
) -> Post:
    """
    Return the post in which the person may take a step for a child, upon an entry if one is named.

    :raises NotAllowed: if no post's role takes it
    :raises OutOfReach: if the child is not theirs
    """
    posts = [post for post in posts_for(person, step) if takes(post, step, child)]
    if not posts:
        raise NotAllowed
    for post in posts:
        if reaches(post, child, entry) and not (step in LOOKS and kept_from(post, child)):
            return post
    raise OutOfReach


def kept_from(post: Post, child: Student) -> bool:
    """Say whether a restricted record (封存) is kept from a post: from all but those who decide."""
    return child.state.restricted_by is not None and not post.whole_district


def takes(post: Post, step: str, child: Student) -> bool:
    """Say whether a post's role takes a step for this child."""
    return post.role in MAY[step] or any(
        post.role in roles and holds(child) for roles, holds in MAY_ALSO.get(step, ())
    )


def answers_transfer(post: Post, child: Student, entry: int | None) -> bool:
    """Say whether a post answers for the school to which an entry offers the child."""
    request = child.entries[entry - 1] if entry and entry <= len(child.entries) else None
    if isinstance(request, TransferRequested):
        return post.whole_district or request.to_school in post.schools
    return post.reaches(child)


def hands_in_papers(post: Post, child: Student, entry: int | None) -> bool:
    """Say whether a post hands in the papers of a roll change: where the child was then, or is."""
    if post.reaches(child):
        return True
    known = child.entries[entry - 1 : entry] if entry else []
    return any(
        isinstance(one, WITH_PAPERS) and after.school_code in post.schools
        for one, after in zip(known, child.standings[(entry or 0) - 1 :], strict=False)
    )


def takes_in(post: Post, child: Student, entry: int | None = None) -> bool:  # noqa: ARG001
    """Say whether a post may take a child in that left the district (转入), or reaches it."""
    left = child.state.student_status == LEFT_DISTRICT
    return post.reaches(child) or (left and bool(post.schools))


def admits(post: Post, child: Student, entry: int | None = None) -> bool:  # noqa: ARG001
    """Say whether a post may put a child on its school's roll that is on none, or reaches it."""
    return post.reaches(child) or (awaits_school(child.state) and bool(post.schools))


def invites(post: Post, child: Student, entry: int | None = None) -> bool:  # noqa: ARG001
    """Say whether a post may issue an enrolment notice to a child: to who is about to start."""
    state = child.state
    starts = awaits_school(state) or state.grade == LAST_GRADE["21"]
    resident = post.role == "township" and post.township == state.township
    return post.reaches(child) or resident or (starts and bool(post.schools))


def invites_to(post: Post, child: Student, school_code: str) -> bool:
    """Say whether a post may issue a child a notice to a school: its own, or its own child's."""
    above = post.whole_district or post.role == "township"
    return above or school_code in post.schools or post.reaches(child)


def reads_entry(account: str) -> Reaches:
    """Make the question whether a post reads an entry: of a child it reads, or one's own."""

    def reads(post: Post, child: Student, entry: int | None) -> bool:
        known = child.entries[entry - 1 : entry] if entry else []
        own = any(one.by["account"] == account for one in known)
        return own or (post.role in MAY["read"] and post.reaches(child))

    return reads


def teaches_at_home(post: Post, child: Student, entry: int | None = None) -> bool:  # noqa: ARG001
    """Say whether a post answers for the school that teaches a child at home."""
    plan = child.state.home_teaching
    return post.reaches(child) or (plan is not None and plan.school_code in post.schools)


def counts_whole_district(post: Post) -> bool:
    """Say whether a post counts the cases of every school (实时跟踪)."""
    return post.whole_district or post.role == "task_force"


def knows_referral(post: Post, child: Student, entry: int | None) -> bool:
    """Say whether a post reads and answers a referral: its unit's, or a child's it reaches."""
    return is_asked(post, child, entry) or (post.role not in ASKED and post.reaches(child))


def is_asked(post: Post, child: Student, entry: int | None) -> bool:
    """Say whether an entry asks a village or member unit for help, and waits for its answer."""
    return post.role in ASKED and any(
        asked.to_unit == post.unit and asked.originator_version == entry
        for asked in child.open_referrals
    )


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


def may_on_return(person: Person, step: str, school_code: str, township: str | None) -> Post:
    """
    Return the post in which the person may take a step on a return of a school in a township.

    A township government and the task force read what their area's schools return: counts alone.
    Whoever is more than a homeroom teacher there acts as that.

    :raises NotAllowed: if no post's role takes it
    :raises OutOfReach: if the school is not theirs
    """
    for post in sorted(posts_for(person, step), key=lambda post: post.role == "teacher"):
        if counts_whole_district(post) or school_code in post.schools:
            return post
        if post.role == "township" and post.township is not None and post.township == township:
            return post
    raise OutOfReach


def checks_class(person: Person, school_code: str, grade: int, class_name: str) -> Post:
    """
    Return the post in which the person may check off a class: its teacher's, or the principal's.

    :raises NotAllowed: if no post's role takes it
    :raises OutOfReach: if the class is not theirs
    """
    for post in posts_for(person, "check_class"):
        own = (post.grade, post.class_name) == (grade, class_name)
        if school_code in post.schools and (post.role != "teacher" or own):
            return post
    raise OutOfReach


def calls_roll_of(person: Person, place: Place) -> Post:
    """
    Return the post in which the person may call the roll of a class, or of a whole school.

    A homeroom teacher calls the own class; registrar and principal any of their school, and all.

    :raises NotAllowed: if no post's role calls rolls
    :raises OutOfReach: if the class or school is not theirs
    """
    for post in posts_for(person, "call_roll"):
        own = place.class_name is not None and (post.grade, post.class_name) == place[1:]
        if place.school_code in post.schools and (post.role != "teacher" or own):
            return post
    raise OutOfReach


def may_correct(
    person: Person, child: Student, entry: Entry, changes: Mapping[str, object]
) -> Post:
    """
    Return the post in which the person may correct fields of an entry.

    Who may record an entry may correct it; some fields only who did record it. To another school
    a child goes by transfer, unless a post above both puts it right.

    :raises NotAllowed: if no post's role records such entries, or the field is its author's own
    :raises OutOfReach: if the child is not theirs
    """
    kind = entry.entry_kind()
    step = STEP_OF_KIND[kind]
    if step == "report":
        step = f"report_to_{getattr(entry, 'to_level', None)}"
    authors_own = AUTHORS_OWN.get(kind, frozenset()) & changes.keys()
    if authors_own and entry.by["account"] != person.account:
        raise NotAllowed
    post = may(person, step, child, teaches_at_home if step == "teach_at_home" else in_reach)
    school = changes.get("school_code")
    if kind == "enrolled" and school and not (post.whole_district or school in post.schools):
        raise OutOfReach
    return post


GLASS_HOLDS = timedelta(hours=3)


def breaks_glass(post: Post, child: Student, entry: int | None = None) -> bool:  # noqa: ARG001
    """Say whether a post may break the glass for a child (紧急查看): each that may, for any."""
    return True


def may_through_glass(person: Person, step: str, until: datetime | None, now: datetime) -> Post:
    """
    Return the post in which a person who broke the glass for a child may take a step for it.

    They may read it until then, and do nothing else.

    :raises NotAllowed: if the person works with children no more
    :raises OutOfReach: for any other step, or when the glass is whole
    """
    if step not in THROUGH_GLASS or until is None or now >= until:
        raise OutOfReach
    return posts_for(person, "break_glass")[0]
