"""Whatever a browser asks for is answered in words: no address of ours reaches another."""

import re

import pytest

from api.examples import EXAMPLES
from api.web.pages import routes
from api.web.visit import SESSION
from tests.people import ACCOUNTS, OTHER_SCHOOL, PASSWORD, enrol
from tests.web.conftest import token_of

FAR = "试遥远"
CHECKPOINTED = ("}/audit", "}/evidence")  # they wait for a checkpoint, of which there is none
PART = re.compile(r"\{([^}:]*)[^}]*\}")


async def test_every_page_answers_every_role_and_shows_no_child_out_of_reach(browse, call):
    child = await enrol(await call("bureau"), 1, school_code=OTHER_SCHOOL, name=FAR)
    here = f"/children/{child['student_id']}"
    known = {"student_id": child["student_id"], "kind": "documents", "name": "school-age"}
    known |= {"path": "home-visits", "month": "2026-10", "quarter": "2026-Q3", "form": "home-visit"}
    paths = [
        PART.sub(lambda part: known.get(part[1], "1"), route.path)
        for route in routes
        if "GET" in route.methods and not route.path.endswith(("static/{name}", *CHECKPOINTED))
    ]
    one_of_a_role = {account.role: account.username for account in ACCOUNTS[::-1]}.values()
    await browse("bureau", "GET", f"{here}?at={child['position']}")
    for username in [*one_of_a_role, "principal2"]:
        seen = {path: await browse(username, "GET", path) for path in paths}
        assert {path for path, answer in seen.items() if answer.status_code >= 500} == set()
        assert all("content-security-policy" in answer.headers for answer in seen.values())
        shown = {path for path, answer in seen.items() if FAR in answer.text}
        assert (
            ({here, "/children"} <= shown)
            if username in {"principal2", "bureau", "auditor"}
            else (shown == set())
        )


@pytest.mark.parametrize(
    "path",
    [
        "/children/%2e%2e/forms/home-visit",
        "/children/{child}/correct/%2e%2e",
        "/children/x%252fhistory",
        "/children/x%253fa=1",
        "/returns/2026-10/schools/%2e%2e",
        "/returns/2026-10/schools/%2e%2e/versions",
        "/admin/accounts/%2e%2e",
        "/registers/%2e%2e",
        "/inspections/%00",
        "/pledges/%5c%2e%2e",
        "/quarterly/１",
    ],
)
async def test_a_part_of_an_address_reaches_no_other_address(browse, call, path):
    child = await enrol(await call("registrar"), 1)
    answer = await browse("bureau", "GET", path.format(child=child["student_id"]))
    assert answer.status_code == 404
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("to", ["http://[x", "//[x", "/\t/evil.example", "/x\\..\\y"])
async def test_an_address_nobody_can_read_leads_home(browse, to):
    answer = await browse("teacher", "GET", "/sign-in", params={"to": to})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    answer = await browse("teacher", "POST", "/language", data={"language": "en", "to": to})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("origin", ["http://[x", "http://guixue.evil.example", "guixue", ""])
async def test_a_form_from_an_origin_that_is_none_is_refused(browse, origin):
    answer = await browse(
        "teacher", "POST", "/language", data={"to": "/"}, headers={"origin": origin}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("PUT", "/children")])
async def test_a_browser_is_told_on_a_page_and_a_script_in_json(browse, method, path):
    seen = await browse(None, method, path)
    assert 'role="alert"' in seen.text
    assert "frame-ancestors 'none'" in seen.headers["content-security-policy"]
    told = await browse(None, method, path, headers={"accept": "*/*"})
    assert told.json()["status"] == seen.status_code
    assert told.headers["content-type"] == "application/problem+json"
    of_contract = await browse(None, method, "/v1/nothing")
    assert of_contract.json()["type"] == "not-found"


async def test_a_fault_of_ours_is_told_on_a_page(app, browse):
    async def broken(_):
        raise LookupError("a name nobody may read")

    app.router.add_route("/broken", broken)
    for accept in ("text/html", "application/json"):
        answer = await browse(None, "GET", "/broken", headers={"accept": accept})
        assert answer.status_code == 500
        assert "告诉管理员" in answer.text
        assert "nobody may read" not in answer.text
    app.router.routes.pop()


@pytest.mark.parametrize(
    ("username", "path"),
    [
        ("auditor", "/children/{child}/record/home-visits"),
        ("inspector", "/children/{child}/record/suspicions"),
        ("village", "/children/{child}/record/persuasion-attempts"),
        ("teacher", "/children/new"),
        ("teacher", "/pledges/new"),
        ("teacher", "/inspections/new"),
    ],
)
async def test_no_form_is_shown_to_whom_it_would_be_refused(browse, call, username, path):
    child = await enrol(await call("registrar"), 1)
    answer = await browse(username, "GET", path.format(child=child["student_id"]))
    assert answer.status_code in {403, 404}


async def test_a_village_reads_what_it_was_asked_without_the_name_it_was_not_told(browse, call):
    bureau = await call("bureau")
    child = await enrol(await call("registrar"), 1)
    await (await call("teacher")).record(child["student_id"], "absence-flags")
    asked = {"kind": "whereabouts", "to_unit": "晴川镇河湾村"}
    asked = await bureau.record(child["student_id"], "referrals", **asked)
    seen = await browse("village", "GET", f"/referrals?at={asked['position']}")
    assert seen.status_code == 200
    answering = f"/children/{child['student_id']}/record/referrals/{asked['entry']}/answer"
    assert answering in seen.text
    assert (await browse("village", "GET", answering)).status_code == 200


async def test_signing_out_ends_what_the_browser_keeps_whether_or_not_the_session_lives(browse):
    for username in ("teacher", None):
        out = await browse(username, "POST", "/sign-out")
        assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
        assert out.headers["clear-site-data"] == '"cache", "storage"'
        assert f'{SESSION}=""' in out.headers["set-cookie"]


async def test_signing_out_everywhere_ends_the_other_sessions_too(app, browse):
    other = {SESSION: await token_of(app, "teacher")}
    await browse("teacher", "POST", "/sign-out", data={"everywhere": "yes"})
    cookie = "; ".join(f"{name}={token}" for name, token in other.items())
    answer = await browse(None, "GET", "/", headers={"cookie": cookie})
    assert answer.headers["location"] == "/sign-in"


async def test_a_password_typed_after_the_session_ended_is_in_no_page(browse):
    typed = {"current": "guixue-test", "new": "another-password"}
    answer = await browse(None, "POST", "/password", data=typed)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?to=/password"


@pytest.mark.parametrize(("scheme", "secure"), [("https", True), ("http", False)])
async def test_the_session_is_kept_by_https_alone_where_it_came_by_https(browse, scheme, secure):
    answer = await browse(
        None,
        "POST",
        f"{scheme}://guixue/sign-in",
        data={"username": "teacher", "password": PASSWORD, "to": "/"},
        headers={"origin": f"{scheme}://guixue"},
    )
    kept = answer.headers["set-cookie"].lower()
    assert "httponly" in kept
    assert "samesite=lax" in kept
    assert ("secure" in kept) is secure


EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


async def test_whatever_people_typed_is_shown_as_text_on_every_page(app, browse, call):
    registrar, teacher, bureau = (
        await call("registrar"),
        await call("teacher"),
        await call("bureau"),
    )
    child = (await enrol(registrar, 1, name=EVIL, home_address=EVIL))["student_id"]
    guardian = {"name": EVIL, "relation": EVIL}
    await enrol(registrar, 2, name="测", guardians=[guardian], class_name=EVIL)
    said = {"purpose": EVIL, "guardian_view": EVIL, "next_step": EVIL, "visitors": [EVIL]}
    await teacher.record(child, "absence-flags", note=EVIL)
    await teacher.record(child, "suspicions")
    await teacher.record(child, "home-visits", **said)
    await teacher.record(child, "persuasion-attempts", note=EVIL)
    done = await bureau.record(
        child, "referrals", to_unit="晴川镇河湾村", question=EVIL, kind="whereabouts"
    )
    await app.state.service.freshness.reached(done["position"])
    known = {"student_id": child, "path": "home-visits", "version": "4", "month": "2026-10"}
    shown = 0
    for ledger in ("persuasion", "home-visits", "dropout-control"):
        paths = {
            PART.sub(lambda part, at=known | {"name": ledger}: at.get(part[1], "1"), route.path)
            for route in routes
            if "GET" in route.methods and not route.path.endswith(("static/{name}", *CHECKPOINTED))
        }
        for username in ("teacher", "bureau", "village", "auditor"):
            for path in paths:
                answer = await browse(username, "GET", path)
                if "html" in answer.headers.get("content-type", ""):
                    assert "<script>alert" not in answer.text, path
                    assert "<img src=x" not in answer.text, path
                    shown += "&lt;script&gt;alert" in answer.text
    assert shown > 15


async def test_a_village_persuades_whom_it_was_asked_about_and_nobody_else(app, browse, call):
    child = (await enrol(await call("registrar"), 1))["student_id"]
    other = (await enrol(await call("registrar"), 2))["student_id"]
    teacher, bureau = await call("teacher"), await call("bureau")
    await teacher.record(child, "absence-flags")
    await teacher.record(child, "suspicions")
    done = await bureau.record(child, "referrals", to_unit="晴川镇河湾村", kind="whereabouts")
    await app.state.service.freshness.reached(done["position"])
    path = f"/children/{child}/record/persuasion-attempts"
    typed = {
        "occurred_on": "2026-11-20",
        "outcome": "hesitant",
        "met": "guardian",
        "persuaders-0-name": "测卯",
        "persuaders-0-unit": "村",
        "persuaders-0-level": "村",
    }

    assert path in (await browse("village", "GET", "/")).text
    assert (await browse("village", "GET", path)).status_code == 200
    assert (await browse("village", "GET", path.replace(child, other))).status_code == 404
    assert (await browse("member_unit", "GET", path)).status_code == 403
    assert (await browse("village", "POST", path, data=typed)).status_code == 303
    history = (await bureau.get(f"/v1/students/{child}/history")).json()["items"]
    assert history[-1]["kind"] == "persuasion_attempted"


async def test_a_child_at_no_school_is_suspected_by_those_who_found_it(app, browse, call):
    bureau = await call("bureau")
    found = {"found_by": "report", "township": "晴川镇"}
    missing = dict.fromkeys(("student_number", "school_code", "grade", "class_name"))
    body = {**EXAMPLES["NewStudent"], **found}
    child = (
        await bureau.post("/v1/students", {k: v for k, v in body.items() if k not in missing})
    ).json()
    await app.state.service.freshness.reached(child["position"])
    here = f"/children/{child['student_id']}"
    assert f"{here}/record/suspicions" in (await browse("bureau", "GET", here)).text
    enrolled = (await enrol(await call("registrar"), 1))["student_id"]
    assert "/record/suspicions" not in (await browse("bureau", "GET", f"/children/{enrolled}")).text


async def test_a_database_that_is_away_is_told_on_a_page(app, browse):
    await app.state.service.pool.close()
    page = await browse(None, "GET", "/sign-in")
    assert page.status_code == 200  # it asks the database nothing
    answer = await browse(None, "GET", "/", headers={"cookie": f"{SESSION}=whatever"})
    assert answer.status_code == 503
    assert 'role="alert"' in answer.text
    assert "content-security-policy" in answer.headers
