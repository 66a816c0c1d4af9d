"""Pages speak in words: no code of ours stands on one, and every link opens."""

import html
import re

import pytest_asyncio

from api.ledger_forms import FORMS
from api.web.access_words import action_words
from application.roles import MAY
from tests.people import ACCOUNTS, OTHER_SCHOOL, SCHOOL, enrol
from tests.web.saying import codes_on, foreign_on, said_by

OTHERS = ("view vetoes", "view transfer", "export import_roll", "correct absence_flagged")
ADMIN = "/admin"
BEGIN = (
    ADMIN,
    "/audit",
    "/",
    "/worklist?view=all",
    "/children",
    "/supervision",
    "/my-notices",
)
LINK = re.compile(r'<a [^>]*href="(/[^"#]*)')
NUMBER = re.compile(r"[0-9a-f-]{36}|\d+", re.ASCII)
FILES = ("/file", "/static", "/docs", "/checkpoint", "/evidence", "/forms/", "/audit")


@pytest_asyncio.fixture(loop_scope="session")
async def cases(app, call):
    """Children with everything due: an order, a referral, a transfer, a plan, a marked dropout."""
    registrar, teacher, bureau = [await call(one) for one in ("registrar", "teacher", "bureau")]
    children = [(await enrol(registrar, number))["student_id"] for number in range(1, 5)]
    ordered, moving, taught, marked = children
    await teacher.record(ordered, "key-groups")
    for child in (ordered, marked):
        await teacher.record(child, "absence-flags")
        await teacher.record(child, "suspicions")
        await teacher.record(child, "persuasion-attempts")
    await (await call("principal")).record(ordered, "written-reports")
    await bureau.record(ordered, "orders")
    await bureau.record(ordered, "referrals")
    await bureau.record(ordered, "referrals", to_unit="晴川镇河湾村", kind="whereabouts")
    await registrar.record(moving, "transfers", to_school=OTHER_SCHOOL)
    await bureau.record(taught, "home-teaching-plans", school_code=SCHOOL)
    done = await teacher.record(marked, "dropout-marks")
    await app.state.service.freshness.reached(done["position"])
    return children


async def test_every_link_opens_and_every_page_says_words(browse, cases):
    children = [f"/children/{child}" for child in cases]
    paths = [*BEGIN, *children, f"{children[0]}/replay", f"{children[0]}/difference"]
    for username in {account.role: account.username for account in ACCOUNTS[::-1]}.values():
        seen = {path: await browse(username, "GET", path) for path in paths}
        links = {
            NUMBER.sub("", link): (link, path)  # of each kind one
            for path, answer in seen.items()
            if answer.status_code == 200
            for link in map(html.unescape, LINK.findall(answer.text))
            if not any(part in link for part in FILES)
        }
        for link, _ in links.values():
            seen[link] = seen.get(link) or await browse(username, "GET", link)
        refused = [found for found in links.values() if seen[found[0]].status_code >= 400]
        assert (username, refused) == (username, [])
        for path, answer in seen.items():
            if path == ADMIN or path.startswith(f"{ADMIN}/accounts/"):
                continue  # they name usernames, which people chose
            said = said_by(answer.text)
            assert (username, path, codes_on(said), foreign_on(said)) == (username, path, [], [])


def test_every_step_and_every_ledger_taken_is_named_in_the_access_log():
    actions = [*MAY, *(f"export {name}" for name in FORMS), *OTHERS]
    for language in ("zh", "en"):
        told = {action: action_words(action, language) for action in actions}
        assert [action for action, words in told.items() if codes_on(words)] == []
        assert [action for action in actions if told[action] == action and "_" in action] == []
