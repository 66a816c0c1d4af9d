"""Row-level security and the lists' own conditions let the same rows through, as written here."""

from itertools import combinations
from uuid import UUID

import pytest

from api.ledger_forms import FORMS
from api.listing import Wanted, case_rows_within_reach, referrals_within_reach, stands, within_reach
from application.access import NotAllowed, posts_for, scope_of
from application.store.preparing import Roles
from projections.all_views import VIEWS
from tests.api.places import DISTRICT, EVERYBODY, SEES, WITHDRAWN
from tests.people import ACCOUNTS

# Single rows that a school sees besides, its own lines of children elsewhere: view, child, keys.
OLD_SCHOOL = {
    ("dropout_control_ledger", "moved to the other school, reported", 1),
    ("return_to_school_ledger", "moved to the other school, reported", 1),
    ("home_visit_register", "moved to the other school, reported", 2),
    ("counselling_register", "moved to the other school, reported", 3),
    ("persuasion_register", "moved to the other school, reported", 6),
    ("home_teaching_ledger", "moved to the other school, reported", 8),
    ("home_teaching_sessions", "moved to the other school, reported", 9),
    ("referral_register", "moved to the other school, reported", 10),
    ("roll_change_register", "moved to the other school, reported", 14),
    ("mobility", "moved to the other school, reported", 3),
    ("mobility", "moved to the other school, reported", 30),
    *(
        ("duties", "moved to the other school, reported", key) for key in (1, 2, 3, 5, 7)
    ),  # ended or awaited there
}
TEACHING_SCHOOL = {("home_teaching_ledger", "own class, taught by the other school", 7)}
# What a unit was asked, and nothing else of the child.
ASKED = {
    "member_unit": {
        ("referral_register", "own class, reported", 12),
        ("referral_register", "other school", 11),
    },
    "village": {("referral_register", "second class, reported", 12)},
}
LINES = {
    **ASKED,
    **dict.fromkeys(("registrar", "counsellor", "principal", "inspector", "office"), OLD_SCHOOL),
    **dict.fromkeys(("registrar2", "principal2"), TEACHING_SCHOOL),
}
# What is left of an erased child, for those of the whole district: that there were entries.
REST = {("history", "erased", key) for key in range(1, 8)}


@pytest.fixture
async def posts(app):
    """The posts in which each person reads; none, for who reads nothing."""
    found = {}
    for person in await app.state.service.sessions.people(app.state.service.tracking.today()):
        try:
            found[person.username] = posts_for(person, "read_referral")
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
    elif view == "referral_register":
        referrals_within_reach(wanted, posts)
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
    without_case = {
        *("students", "history", "home_visit_register", "counselling_register"),
        *("school_age_ledger", "roll_change_register"),
    }
    for view in VIEWS:
        has = {child for child, _ in every_row(connection, district, view.name)}
        wanted = EVERYBODY if view.name in without_case else EVERYBODY - {"left the district"}
        if view.name == "mobility":  # of children on a roll
            wanted = EVERYBODY - {"at no school", "at no school, there"}
        assert has == wanted | ({"erased"} if view.name == "history" else set()), view.name


async def test_security_conditions_and_answers_show_each_person_the_same_rows(
    district, posts, connection, sign_in
):
    whole = {name for name, form in FORMS.items() if form.only is None} | {"school-age"}
    ledger_of = {FORMS[name].view: f"/v1/ledgers/{name}" for name in whole}
    ledger_of |= {"students": "/v1/students", "referral_register": "/v1/referrals"}
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
            if view.name == "duties":
                continue  # what is open of it is a list; test_worklist.py tells whose
            path = ledger_of[view.name]
            if view.name == "school_age_ledger":  # whoever left is another district's to list
                wanted -= {("left the district", 1)}
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
        if view == "mobility":
            by = 2 * by + (item["way"] == "in")
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
    return {("restricted, reported", key) for key in range(1, 15) if username in DISTRICT}


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
                asked = ASKED.get(username, set())
                wanted |= {(child, key) for name, child, key in asked if name == view.name}

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
        " AND relkind IN ('r', 'p', 'v', 'm', 'f')"
        " AND relname NOT IN ('progress', 'parked', 'damaged', 'totals')"
    ).fetchall()

    both = [
        f"(district,{roles.district},SELECT,PERMISSIVE)",
        f"(scope,{roles.service},SELECT,PERMISSIVE)",
    ]
    assert dict(policies) == {name: both for (name,) in relations}
    assert {name for (name,) in relations} == {view.name for view in VIEWS}
