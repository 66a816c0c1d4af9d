"""Every step for a child: whose it is, by role and by where the child is, as written here."""

import asyncio

import pytest

from tests.api.places import ASKED_OF, EVERYBODY, OWN_SCHOOL, PLACES, PRIMARY_SCHOOL, SEES
from tests.api.reading import access_log
from tests.api.who_may import ABOVE, ALSO, AT_WORK, BREAK_GLASS, CHILD, OWN_ENTRY, WHO, call, filled
from tests.people import ACCOUNTS

ROUTES = [(method, path) for method, path in WHO if "{student_id}" in path]
READS = {
    *(
        ("GET", f"{CHILD}{path}")
        for path in (
            *("", "/history", "/difference", "/duties", "/evidence", "/referrals/{entry}"),
            "/forms/{form}",
        )
    ),
    OWN_ENTRY,
}
SUSPECT = ("POST", f"{CHILD}/suspicions")
CHANGE_ROLL = ("POST", f"{CHILD}/roll-changes")
ADMIT = ("POST", f"{CHILD}/admissions")
ANSWER = ("POST", f"{CHILD}/referrals/{{entry}}/answer")
ASKED = {ANSWER, ("GET", f"{CHILD}/referrals/{{entry}}")}
PERSUADE = ("POST", f"{CHILD}/persuasion-attempts")
AT_HOME = {("POST", f"{CHILD}/home-teaching-sessions"), ("POST", f"{CHILD}/corrections")}
DISTRICT = {"bureau", "bureau2", "auditor"}
UNITS = {"village": "晴川镇河湾村", "member_unit": "民政"}
# The entry a path names: the referral that waits for its answer, where one does.
ENTRY = {"own class, reported": "12", "second class, reported": "12", "other school": "11"}
AT_NO_SCHOOL = {"at no school", "at no school, there", "erased"}
TAKEN_IN_BY_ANY = {CHANGE_ROLL: {"left the district"}, ADMIT: AT_NO_SCHOOL - {"erased"}}
INVITE = ("POST", f"{CHILD}/enrolment-notices")
STARTS_SCHOOL = {"primary school", "primary school, reported", *TAKEN_IN_BY_ANY[ADMIT]}
LIVES_HERE = {name for name, (*_, township) in PLACES.items() if township == "晴川镇"} - {"erased"}
CASE_CLOSED = {"moved to the other school, reported"}

# Who works for a child: who sees it, and while it is restricted who saw it before.
RESTRICTED = "restricted, reported"
WORKS_FOR = {
    username: sees | ({RESTRICTED} if "own class, reported" in sees else set())
    for username, sees in SEES.items()
}
for username in DISTRICT:
    WORKS_FOR[username] = EVERYBODY | {RESTRICTED, "erased"}
# Whom a school teaches at home, its own class or not; the case that moved took its plan along.
TAUGHT_HERE = {*OWN_SCHOOL, RESTRICTED, "moved to the other school, reported"} - {
    *("own class, taught by the other school", "left the district")
}
TAUGHT_THERE = {"own class, taught by the other school", "other school", "other school, reported"}
TEACHES = {
    **dict.fromkeys(("teacher", "teacher2", "registrar", "counsellor", "principal"), TAUGHT_HERE),
    "office": TAUGHT_HERE | PRIMARY_SCHOOL,
    **dict.fromkeys(("registrar2", "principal2"), TAUGHT_THERE),
}


def takes(username: str, route: tuple[str, str], child: str) -> bool:
    """Whether the role takes the step for this child."""
    role = username.removesuffix("2")
    if route == SUSPECT and child in CASE_CLOSED:
        return role in AT_WORK
    no_school_to = role in ABOVE and route in ALSO and child in AT_NO_SCHOOL
    return role in WHO[route] or no_school_to


def is_theirs(username: str, route: tuple[str, str], child: str) -> bool:
    """Whether the child is theirs for the step."""
    if route[1] == BREAK_GLASS:
        return True
    if username in UNITS:
        asked = child in ASKED_OF[UNITS[username]]
        return asked and route in {*ASKED, PERSUADE}
    if route in READS and child == RESTRICTED:
        return username in DISTRICT
    invited = LIVES_HERE if username == "township" else STARTS_SCHOOL
    if child in TAKEN_IN_BY_ANY.get(route, invited if route == INVITE else ()):
        return True
    if route in AT_HOME and child in TEACHES.get(username, set()):
        return True
    return child in WORKS_FOR[username]


@pytest.mark.parametrize("username", [account.username for account in ACCOUNTS])
async def test_each_step_is_taken_by_its_roles_for_their_own_children(
    app, client, district, sign_in, head, checkpoint, username
):
    caller = await sign_in(username)
    checkpoint()
    before = await head()
    refused = 0
    for name in PLACES:
        child = str(district.id_of(name))
        paths = [filled(path, child, entry=ENTRY.get(name, "10")) for _, path in ROUTES]
        answers = await asyncio.gather(
            *(call(client, caller, m, to) for (m, _), to in zip(ROUTES, paths, strict=True))
        )
        for route, answer in zip(ROUTES, answers, strict=True):
            let_in = takes(username, route, name) and is_theirs(username, route, name)
            assert (answer.status_code != 403) == let_in, (name, *route, answer.text)
            assert answer.status_code < 500, answer.text
            refused += not let_in

    assert await head() == before
    assert sum(line[0] == username for line in await access_log(app)) == refused
