"""Row-level security and the lists' own conditions let the same rows through, as written here."""

import random
from itertools import combinations
from uuid import UUID

import pytest

from api.ledger_forms import FORMS
from api.listing import Wanted, case_rows_within_reach, stands, within_reach
from application.access import NotAllowed, posts_for, scope_of
from application.store.preparing import Roles
from application.tracking import Ask
from domain.entry import Actor
from projections.all_views import VIEWS
from tests.lives import BUREAU, START, TEACHER, a_child, acts
from tests.people import ACCOUNTS, OTHER_SCHOOL, PRIMARY, SCHOOL

HERE, THERE, NO_SCHOOL_OF_OURS = "晴川镇", "云溪镇", "5141000077"
OTHER = Actor("acc-other", "测癸", "bureau", "区教体局", "bureau", superior=True)
BASIS = {"reason": "监护人要求", "legal_basis": "个人信息保护法第四十七条"}
LETTER = [{"kind": "host_school_letter"}]
FACTS = {name: (by, facts) for name, by, facts in acts(random.Random(0), START)}

# The children of the district, by where they are; those of a case once reported to the township.
PLACES = {
    "own class": (SCHOOL, 7, "1班", HERE),
    "own class, reported": (SCHOOL, 7, "1班", HERE),
    "own class, taught by the other school": (SCHOOL, 7, "1班", HERE),
    "second class": (SCHOOL, 7, "2班", HERE),
    "second class, reported": (SCHOOL, 7, "2班", HERE),
    "other grade, reported": (SCHOOL, 8, "1班", HERE),
    "primary school": (PRIMARY, 6, "1班", HERE),
    "primary school, reported": (PRIMARY, 6, "1班", HERE),
    "other school": (OTHER_SCHOOL, 7, "1班", THERE),
    "other school, reported": (OTHER_SCHOOL, 7, "1班", THERE),
    "at no school": (None, None, None, HERE),
    "at no school, there": (None, None, None, THERE),
    "moved to the other school, reported": (SCHOOL, 7, "1班", HERE),
    "left the district": (SCHOOL, 7, "1班", HERE),
    "restricted, reported": (SCHOOL, 7, "1班", HERE),
    "erased": (SCHOOL, 7, "1班", HERE),
}
OWN_CLASS = {
    *("own class", "own class, reported", "own class, taught by the other school"),
    "left the district",  # its last class looks after it until another school takes it in
}
SECOND_CLASS = {"second class", "second class, reported"}
OWN_SCHOOL = OWN_CLASS | SECOND_CLASS | {"other grade, reported"}
PRIMARY_SCHOOL = {"primary school", "primary school, reported"}
OTHERS = {"other school", "other school, reported", "moved to the other school, reported"}
REPORTED_HERE = {
    *("own class, reported", "second class, reported", "other grade, reported"),
    *("primary school, reported", "moved to the other school, reported"),  # it lives here still
    "at no school",
}
EVERYBODY = OWN_SCHOOL | PRIMARY_SCHOOL | OTHERS | {"at no school", "at no school, there"}
WITHDRAWN = {"restricted, reported", "erased"}

# Whose every row each person sees.
SEES: dict[str, set[str]] = {
    "teacher": OWN_CLASS,
    "teacher2": SECOND_CLASS,
    **dict.fromkeys(("registrar", "counsellor", "principal"), OWN_SCHOOL),
    **dict.fromkeys(("registrar2", "principal2"), OTHERS),
    "office": OWN_SCHOOL | PRIMARY_SCHOOL,
    "township": REPORTED_HERE,
    **dict.fromkeys(("bureau", "bureau2", "auditor"), EVERYBODY),
    "admin": set(),
}
# Single rows that a school sees besides, its own lines of children elsewhere: view, child, keys.
OLD_SCHOOL = {
    ("dropout_control_ledger", "moved to the other school, reported", 1),
    ("return_to_school_ledger", "moved to the other school, reported", 1),
    ("home_visit_register", "moved to the other school, reported", 2),
    ("counselling_register", "moved to the other school, reported", 3),
    ("persuasion_register", "moved to the other school, reported", 6),
    ("home_teaching_ledger", "moved to the other school, reported", 8),
    ("home_teaching_sessions", "moved to the other school, reported", 9),
}
TEACHING_SCHOOL = {("home_teaching_ledger", "own class, taught by the other school", 7)}
LINES = {
    **dict.fromkeys(("registrar", "counsellor", "principal", "office"), OLD_SCHOOL),
    **dict.fromkeys(("registrar2", "principal2"), TEACHING_SCHOOL),
}
# What is left of an erased child, for those of the whole district: that there were entries.
REST = {("history", "erased", key) for key in range(1, 8)}
DISTRICT = {"bureau", "bureau2", "auditor"}


class District:
    """The children of ``PLACES``, with entries in every register; rows by the child's name."""

    def __init__(self, app) -> None:
        self.service = app.state.service
        self.names: dict[UUID, str] = {}
        self.position = 0

    async def add(self, name: str) -> None:
        school, grade, class_name, township = PLACES[name]
        place = {"school_code": school, "grade": grade, "class_name": class_name}
        child = {**a_child(len(self.names)), **place, "township": township}
        if school is None:
            child = {**child, "student_number": None, "found_by": "screening"}
        done = await self.service.tracking.enrol(TEACHER, None, **child)
        student_id = UUID(done.answer["student_id"])
        self.names[student_id] = name

        async def record(step: str, by=None, **facts) -> None:
            usual_by, usual = FACTS.get(step, (TEACHER, {}))
            ask = Ask(by or usual_by, await self.service.tracking.child(student_id))
            done = await getattr(self.service.tracking, step)(ask, **{**usual, **facts})
            self.position = done.position

        await record("visit_home")
        await record("counsel")
        if name in {"left the district", "erased"}:
            day = START.replace(year=2019)
            await record("change_roll", kind="21", occurred_on=day, papers=LETTER)
        else:
            await a_case(record, reported=name.endswith("reported"))
            taught_by = OTHER_SCHOOL if "taught by" in name else school or NO_SCHOOL_OF_OURS
            await record("assign_home_teaching", school_code=taught_by)
            await record("teach_at_home")
        if name.startswith("moved"):
            await record("request_close_out", reason="C02")
            await record("decide_close_out", approve=True)
            await record("request_transfer", to_school=OTHER_SCHOOL)
            await record("decide_transfer", accept=True, entry=12, grade=7, class_name="1班")
            await record("visit_home")
        if name in WITHDRAWN:
            await record("restrict", BUREAU, **BASIS)
        if name == "erased":
            await record("request_erasure", BUREAU, **BASIS)
            await record("decide_erasure", OTHER, approve=True)

    def named(self, rows) -> set[tuple[str, int]]:
        found = [(self.names[student_id], key) for student_id, key in rows]
        assert len(set(found)) == len(found)
        return set(found)


async def a_case(record, *, reported: bool) -> None:
    await record("flag_absence", absence_kind="truancy")
    await record("suspect")
    await record("persuade", occurred_on=START, outcome="refused")
    if reported:
        report = {"to_level": "township", "report_number": "示例1号", "summary": "劝返未果。"}
        await record("report", occurred_on=START, **report)


@pytest.fixture
async def district(app):
    made = District(app)
    for name in PLACES:
        await made.add(name)
    await made.service.freshness.reached(made.position)
    return made


@pytest.fixture
async def posts(app):
    """The posts in which each person reads; none, for who reads nothing."""
    found = {}
    for person in await app.state.service.sessions.people(app.state.service.tracking.today()):
        try:
            found[person.username] = posts_for(person, "read")
        except NotAllowed:
            found[person.username] = []
    assert found.keys() == {account.username for account in ACCOUNTS} == SEES.keys()
    return found


def conditions(view: str, posts) -> Wanted:
    """What a list of a view asks for; histories are read child by child."""
    wanted = Wanted()
    stands(wanted, None)
    if view == "students":
        within_reach(wanted, posts)
    elif view != "history":
        case_rows_within_reach(wanted, posts)
    elif not any(post.whole_district for post in posts):
        child = Wanted(["s.student_id = v.student_id"])
        within_reach(child, posts, "s")
        wanted.where(f"EXISTS (SELECT FROM views.students s WHERE {child.sql()})", *child.params)
    return wanted


def by_conditions(connection, view: str, posts):
    """The rows of a list as the owner reads them, whom row-level security lets through."""
    wanted = conditions(view, posts)
    return connection.execute(
        f"SELECT v.student_id, v.row_key FROM views.{view} v WHERE {wanted.sql()}",  # noqa: S608
        wanted.params,
    ).fetchall()


async def by_security(store, view: str, posts):
    """The rows of a view as the service reads them for a person, asking for no part of it."""
    return await store.query(
        f"SELECT v.student_id, v.row_key FROM views.{view} v WHERE v.until IS NULL",  # noqa: S608
        scope=scope_of(posts),
    )


def every_row(connection, district, view: str) -> set[tuple[str, int]]:
    """All that stands in a view."""
    rows = connection.execute(
        f"SELECT student_id, row_key FROM views.{view} WHERE until IS NULL"  # noqa: S608
    ).fetchall()
    return district.named(rows)


def expected(view: str, usernames, rows) -> set[tuple[str, int]]:
    """The rows of a view that some people see together, by the tables above."""
    found = set()
    for username in usernames:
        more = LINES.get(username, set()) | (REST if username in DISTRICT else set())
        found |= {row for row in rows if row[0] in SEES[username]}
        found |= {(child, key) for name, child, key in more if name == view}
    return found


def test_every_view_has_rows_of_every_child_in_it(connection, district):
    """Else the locks would be held against nothing."""
    without_case = {"students", "history", "home_visit_register", "counselling_register"}
    for view in VIEWS:
        has = {child for child, _ in every_row(connection, district, view.name)}
        wanted = EVERYBODY if view.name in without_case else EVERYBODY - {"left the district"}
        assert has == wanted | ({"erased"} if view.name == "history" else set()), view.name


async def test_security_conditions_and_answers_show_each_person_the_same_rows(
    district, posts, connection, sign_in
):
    ledger_of = {form.view: f"/v1/ledgers/{name}" for name, form in FORMS.items()}
    for username, held in posts.items():
        caller = await sign_in(username)
        for view in VIEWS:
            rows = every_row(connection, district, view.name)
            wanted = expected(view.name, [username], rows)
            where = (username, view.name)

            secured = await by_security(district.service.store, view.name, held)
            assert district.named(secured) == wanted, where
            if held:
                chosen = by_conditions(connection, view.name, held)
                assert district.named(chosen) == wanted, where
            if view.name == "history":
                assert await histories(caller, district) == wanted | shown_to(username), where
                continue
            path = "/v1/students" if view.name == "students" else ledger_of[view.name]
            assert await listed(caller, path, view.name, district, rows) == wanted, where


async def listed(caller, path: str, view: str, district, rows):
    """What a list answers, by the row's key: its entry, its episode, or the child's only one."""
    answer = await caller.get(f"{path}?limit=500")
    if answer.status_code == 403:
        return set()
    assert answer.status_code == 200, answer.text
    only = dict(rows)
    keyed = []
    for item in answer.json()["items"]:
        student_id = UUID(item["student_id"])
        own = only[district.names[student_id]]
        by = None if view == "students" else item.get("entry", item.get("episode"))
        keyed.append((student_id, by or own))
    return district.named(keyed)


async def histories(caller, district):
    found = []
    for student_id in district.names:
        answer = await caller.get(f"/v1/students/{student_id}/history?limit=500")
        assert answer.status_code in {200, 403}, answer.text
        items = answer.json()["items"] if answer.status_code == 200 else []
        found += [(student_id, item["version"]) for item in items]
    return district.named(found)


def shown_to(username: str) -> set[tuple[str, int]]:
    """A restricted child is in no view; those of the whole district read it from the log."""
    return {("restricted, reported", key) for key in range(1, 11) if username in DISTRICT}


async def test_a_child_is_answered_where_security_lets_its_row_through(district, posts, sign_in):
    for username, held in posts.items():
        caller = await sign_in(username)
        rows = await by_security(district.service.store, "students", held)
        let_through = {district.names[student_id] for student_id, _ in rows}
        told = {200: set(), 403: set()}
        for student_id, name in district.names.items():
            told[(await caller.get(f"/v1/students/{student_id}")).status_code].add(name)

        withdrawn = WITHDRAWN if username in DISTRICT else set()
        assert told[200] == SEES[username] | withdrawn, username
        assert told[200] - withdrawn == let_through, username


async def test_who_holds_two_posts_sees_what_both_see(district, posts, connection):
    rows = {view.name: every_row(connection, district, view.name) for view in VIEWS}
    reading = [username for username, held in posts.items() if held]
    for pair in combinations(reading, 2):
        held = [post for username in pair for post in posts[username]]
        for view in VIEWS:
            wanted = expected(view.name, pair, rows[view.name])
            secured = await by_security(district.service.store, view.name, held)
            assert district.named(secured) == wanted, (pair, view.name)
            chosen = by_conditions(connection, view.name, held)
            assert district.named(chosen) == wanted, (pair, view.name)


async def test_lines_of_a_child_in_no_roll_are_their_schools_and_the_districts(
    district, posts, connection
):
    """As a restriction half done would leave them, or a view that lags behind."""
    connection.execute("DELETE FROM views.students")
    for username, held in posts.items():
        schools = [code for post in held for code in post.schools if post.role != "teacher"]
        for view in VIEWS:
            wanted = set()
            if username in DISTRICT:
                wanted = every_row(connection, district, view.name)
            elif view.name != "history":  # it has no school
                own = connection.execute(
                    f"SELECT student_id, row_key FROM views.{view.name}"  # noqa: S608
                    " WHERE until IS NULL AND school_code = ANY(%s)",
                    [schools],
                )
                wanted = district.named(own)

            secured = await by_security(district.service.store, view.name, held)
            assert district.named(secured) == wanted, (username, view.name)
            if held:
                chosen = by_conditions(connection, view.name, held)
                assert district.named(chosen) == wanted, (username, view.name)


def test_every_table_of_views_has_both_policies_for_reading_and_no_other(app, connection):
    roles = Roles.of(connection.info.dbname)
    policies = connection.execute(
        "SELECT tablename, array_agg((policyname, roles[1], cmd, permissive)::text"
        " ORDER BY policyname) FROM pg_policies WHERE schemaname = 'views' GROUP BY 1"
    ).fetchall()
    relations = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'views'::regnamespace"
        " AND relkind IN ('r', 'p', 'v', 'm', 'f') AND relname <> 'progress'"
    ).fetchall()

    both = [
        f"(district,{roles.district},SELECT,PERMISSIVE)",
        f"(scope,{roles.service},SELECT,PERMISSIVE)",
    ]
    assert dict(policies) == {name: both for (name,) in relations}
    assert {name for (name,) in relations} == {view.name for view in VIEWS}
