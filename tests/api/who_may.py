"""Which role takes which route: domain.md sections 1 and 3, said a second time; and how to ask."""

import httpx

from api.forms.form_code import FormCode
from tests.people import SCHOOL, Caller

OPEN = {
    *(("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")),
    *(("GET", "/docs"), ("GET", "/openapi.json"), ("HEAD", "/openapi.json")),
    *(("POST", "/v1/token"), ("GET", "/v1/oidc/start"), ("GET", "/v1/oidc/callback")),
}
SIGN_IN = {(method, path) for method, path in OPEN if path.startswith("/v1/")}
AT_SCHOOL = {"teacher", "registrar", "principal"}
REGISTRY = {"registrar", "principal", "bureau"}
AT_WORK = AT_SCHOOL | {"counsellor", "office", "township", "bureau"}
ABOVE = {"township", "bureau"}
READERS = AT_WORK | {"task_force", "inspector", "auditor"}
ASKED = {"village", "member_unit"}
EVERYBODY = READERS | ASKED | {"admin"}
ACCOUNT = "/v1/accounts/{account_id}"
CHILD = "/v1/students/{student_id}"
RETURNS = "/v1/monthly-returns/{month}"
QUARTER = "/v1/quarterly-reports/{quarter}"
RETURN = f"{RETURNS}/schools/{{school_code}}"
REGISTER = "/v1/registers/{kind}"
PLEDGES = "/v1/pledges"
PLEDGE = f"{PLEDGES}/{{pledge_id}}"
WEBHOOK = "/v1/webhooks/{webhook_id}"
NOTICE = "/v1/notices/{notice_id}"
RUBRICS, RUBRIC = "/v1/rubrics", "/v1/rubrics/{rubric_id}"
SCORES, SCORE = "/v1/scores", "/v1/scores/{score_id}"
SUPERVISED = {"principal", "inspector", "office", "township", "bureau", "task_force", "auditor"}
BULLETINS, BULLETIN = "/v1/bulletins", "/v1/bulletins/{bulletin_id}"
VETOES, TALKS, TALK = "/v1/vetoes", "/v1/talks", "/v1/talks/{talk_id}"
KEEPERS = {"principal", "registrar", "office", "township", "bureau", "task_force"}
INSPECTIONS = "/v1/inspections"
INSPECTION = f"{INSPECTIONS}/{{inspection}}"
INSPECTED = f"{INSPECTION}/schools/{{school_code}}"
PLANS = ("changes", "cancellation")
INSPECT = {"inspector", "office", "bureau"}
SEE_INSPECTIONS = INSPECT | {"principal", "task_force", "auditor"}
OWN_ENTRY = ("GET", f"{CHILD}/history/{{version}}")  # units that are asked read their own alone
BREAK_GLASS = f"{CHILD}/break-glass"
# Who may, by username of tests/people.py: domain.md sections 1 and 3, said here a second time.
WHO: dict[tuple[str, str], set[str]] = {
    ("POST", "/v1/students"): REGISTRY | {"township"},
    ("POST", "/v1/students/import"): REGISTRY,
    ("POST", "/v1/attendance"): AT_SCHOOL,
    ("POST", "/v1/attendance/import"): AT_SCHOOL,
    ("GET", "/v1/attendance"): (
        AT_SCHOOL | {"counsellor", "office", "bureau", "inspector", "auditor"}
    ),
    ("GET", f"{CHILD}/transfers/{{entry}}"): REGISTRY,
    ("GET", "/v1/schools/{school_code}/classes"): (
        AT_SCHOOL | {"counsellor", "office", "bureau", "inspector", "auditor"}
    ),
    ("GET", "/v1/students"): READERS,
    ("GET", "/v1/ledgers/{name}"): READERS,
    ("GET", "/v1/worklist"): READERS,
    ("GET", "/v1/changes"): READERS,
    ("GET", "/v1/forms/{form}"): EVERYBODY,
    ("POST", "/v1/forms"): AT_WORK - {"teacher"} | {"auditor"},
    ("GET", "/v1/form-codes/{form_code}"): READERS,
    ("GET", REGISTER): READERS,
    ("POST", REGISTER): KEEPERS,
    ("GET", f"{REGISTER}/{{entry_id}}"): READERS,
    ("POST", f"{REGISTER}/{{entry_id}}/corrections"): KEEPERS,
    ("GET", PLEDGES): READERS - {"counsellor"},
    ("POST", PLEDGES): {"principal", "bureau"},
    ("GET", PLEDGE): READERS - {"counsellor"},
    ("POST", f"{PLEDGE}/signatures"): {"teacher", "registrar", "principal", "township", "bureau"},
    ("POST", f"{PLEDGE}/withdrawal"): {"principal", "bureau"},
    ("GET", "/v1/live-counts"): READERS - {"teacher", "counsellor"},
    ("GET", "/v1/case-trend"): READERS - {"teacher", "counsellor"},
    ("GET", "/v1/indicators"): READERS - {"teacher", "counsellor"},
    ("GET", "/v1/indicators/{name}/cases"): READERS - {"teacher", "counsellor"},
    ("GET", RETURNS): READERS - {"teacher", "counsellor"},
    ("GET", f"{RETURNS}/reminders"): READERS - {"teacher", "counsellor"},
    ("GET", RETURN): READERS - {"counsellor"},
    **{
        ("GET", f"{RETURN}/{rows}"): {
            *("registrar", "principal", "office", "inspector", "bureau", "auditor")
        }
        for rows in ("mobility", "cases")
    },
    ("GET", QUARTER): {*("office", "township", "member_unit", "task_force", "bureau", "auditor")},
    ("POST", QUARTER): {"office", "township", "member_unit", "task_force"},
    ("POST", f"{RETURN}/classes"): {"teacher", "principal"},
    ("POST", f"{RETURN}/submission"): {"principal"},
    **{("POST", f"{RETURN}/{path}"): {"bureau"} for path in ("return", "freeze", "restatements")},
    **{
        ("GET", path): SEE_INSPECTIONS
        for path in (INSPECTIONS, INSPECTION, f"{INSPECTIONS}/rectifications")
    },
    ("POST", INSPECTIONS): {"office", "bureau"},
    **{("POST", f"{INSPECTION}/{path}"): {"office", "bureau"} for path in PLANS},
    **{("POST", f"{INSPECTION}/{path}"): INSPECT for path in ("start", "end")},
    **{("POST", f"{INSPECTED}/{path}"): INSPECT for path in ("head-counts", "findings")},
    ("POST", f"{INSPECTED}/findings/{{n}}/rectifications"): {"principal"},
    ("POST", f"{INSPECTED}/findings/{{n}}/rectification-decisions"): INSPECT,
    ("GET", RUBRICS): READERS,
    ("POST", RUBRICS): {"bureau"},
    ("GET", RUBRIC): READERS,
    ("GET", BULLETINS): EVERYBODY,
    ("POST", BULLETINS): {"bureau"},
    ("GET", BULLETIN): EVERYBODY,
    ("POST", f"{BULLETIN}/publication"): {"bureau"},
    ("GET", TALKS): SUPERVISED - {"inspector"},
    ("POST", TALKS): ABOVE,
    ("GET", TALK): SUPERVISED - {"inspector"},
    ("POST", f"{TALK}/follow-ups"): ABOVE,
    ("GET", VETOES): SUPERVISED - {"inspector"},
    ("POST", VETOES): {"bureau"},
    ("GET", SCORES): SUPERVISED,
    ("POST", SCORES): {"inspector", "bureau"},
    ("GET", SCORE): SUPERVISED,
    ("POST", f"{SCORE}/corrections"): {"inspector", "bureau"},
    ("POST", f"{SCORE}/commendation"): {"bureau"},
    ("GET", "/v1/referrals"): READERS | ASKED,
    ("GET", "/v1/referral-units"): ABOVE | {"task_force"},
    ("GET", f"{CHILD}/referrals/{{entry}}"): READERS | ASKED,
    ("POST", "/v1/schools/{school_code}/promotions"): REGISTRY,
    ("POST", "/v1/schools/{school_code}/hand-overs"): REGISTRY,
    ("POST", "/v1/schools/{school_code}/enrolment-notices"): REGISTRY,
    ("POST", "/v1/screening/no-shows"): {"principal", "bureau"},
    ("GET", "/v1/access-log"): {"principal", "auditor"},
    ("GET", "/v1/break-glass"): {"principal", "bureau", "auditor"},
    ("GET", "/v1/who-can-see/{student_id}"): {"principal", "bureau", "auditor"},
    ("GET", f"{CHILD}/evidence"): {"principal", "bureau", "auditor"},
    **{
        ("GET", f"/v1/log/{path}"): EVERYBODY
        for path in (
            *("checkpoint", "proofs/inclusion", "proofs/consistency"),
            "tile/{level}/{place:path}",
        )
    },
    **{
        ("GET", f"/v1/log/{path}"): {"bureau", "auditor"}
        for path in ("proofs/heads", "entries", "tile/entries/{place:path}")
    },
    ("POST", BREAK_GLASS): AT_WORK,
    **{
        ("GET", f"{CHILD}{path}"): READERS
        for path in ("", "/history", "/difference", "/duties", "/forms/{form}")
    },
    OWN_ENTRY: READERS | ASKED,
    **{
        ("POST", f"{CHILD}/{path}"): who
        for path, who in {
            "roll-changes": REGISTRY,
            "roll-changes/{entry}/papers": REGISTRY,
            "admissions": REGISTRY,
            "enrolment-notices": REGISTRY | {"township"},
            "key-groups": AT_SCHOOL | {"bureau"},
            "key-groups/{code}/end": AT_SCHOOL | {"bureau"},
            "absence-flags": AT_WORK,
            "suspicions": AT_SCHOOL,
            "responsible-persons": AT_SCHOOL | {"bureau"},
            "home-visits": AT_WORK,
            "counselling-sessions": AT_SCHOOL | {"counsellor"},
            "persuasion-attempts": AT_WORK | {"village"},
            "support": AT_SCHOOL | ABOVE,
            "written-reports": {"principal", "office", "township"},
            "orders": ABOVE,
            "orders/{entry}/service": ABOVE,
            "legal-actions": {"township"},
            "referrals": ABOVE | {"task_force"},
            "referrals/{entry}/answer": ABOVE | {"task_force"} | ASKED,
            "returns": AT_SCHOOL,
            "observations": AT_SCHOOL,
            "home-teaching-plans": {"bureau"},
            "home-teaching-sessions": AT_SCHOOL | {"bureau"},
            "placements": {"bureau"},
            "contact-losses": AT_SCHOOL,
            "dropout-marks": AT_SCHOOL,
            "dropout-confirmations": {"bureau"},
            "close-out-requests": AT_SCHOOL,
            "close-out-decisions": AT_SCHOOL | {"office", "bureau"},
            "corrections": AT_WORK,
            "transfers": REGISTRY,
            "transfers/{entry}/decision": REGISTRY,
            "restriction": {"bureau"},
            "restriction/end": {"bureau"},
            "erasure": {"bureau"},
            "erasure-decisions": {"bureau"},
        }.items()
    },
    ("GET", "/v1/webhooks"): {"admin"},
    ("POST", "/v1/webhooks"): {"admin"},
    ("POST", f"{WEBHOOK}/end"): {"admin"},
    ("GET", "/v1/notices"): {"bureau", "admin"},
    ("POST", f"{NOTICE}/retry"): {"admin"},
    ("GET", "/v1/my/notices"): EVERYBODY,
    ("PUT", "/v1/my/notices"): EVERYBODY,
    ("POST", "/v1/sign-out"): EVERYBODY,
    ("POST", "/v1/password"): EVERYBODY,
    ("GET", "/v1/rules"): EVERYBODY,
    ("POST", "/v1/rules/holiday-notices"): {"bureau", "admin"},
    ("POST", "/v1/rules/deadlines"): {"bureau"},
    ("POST", "/v1/rules/holidays"): {"bureau"},
    ("POST", "/v1/rules/days"): {"bureau"},
    ("POST", "/v1/rules/terms"): {"bureau"},
    ("GET", "/v1/accounts"): {"admin"},
    ("GET", ACCOUNT): {"admin"},
    ("POST", "/v1/accounts"): {"admin"},
    **{
        ("POST", f"{ACCOUNT}/{path}"): {"admin"}
        for path in ("posts", "posts/{n}/end", "revocation", "credentials")
    },
}
# Who may besides, for a child at no school or a case that failed its audit.
ALSO = {
    ("POST", f"{CHILD}/suspicions"): AT_WORK,
    **{
        ("POST", f"{CHILD}/{path}"): ABOVE
        for path in ("contact-losses", "dropout-marks", "close-out-requests", "transfers")
    },
}
# What these name is not there: whoever may is told so.
OF_NOTHING = {
    *(f"{REGISTER}/{{entry_id}}", f"{REGISTER}/{{entry_id}}/corrections"),
    *(PLEDGE, f"{PLEDGE}/signatures", f"{PLEDGE}/withdrawal"),
    *(f"{CHILD}/transfers/{{entry}}", f"{WEBHOOK}/end", f"{NOTICE}/retry"),
    *(RUBRIC, SCORE, f"{SCORE}/corrections", f"{SCORE}/commendation"),
    *(TALK, f"{TALK}/follow-ups", BULLETIN, f"{BULLETIN}/publication"),
}
MALFORMED = {"surprise": 1}  # whoever may is told of it, and nothing is recorded


def filled(path: str, child: str, account: str = "x", entry: str = "1") -> str:
    values = {"student_id": child, "school_code": SCHOOL, "name": "home-visits", "code": "orphan"}
    values |= {"form": "persuasion-notice", "form_code": str(FormCode("QX", 1))}
    values |= {"level": "0", "place": "000.p/1", "month": "2026-10", "quarter": "2026-Q3"}
    values |= {"kind": "meetings", "entry_id": "nothing"}
    values |= {"pledge_id": "nothing", "webhook_id": "nothing", "notice_id": "nothing"}
    values |= dict.fromkeys(
        ("pledge_id", "rubric_id", "score_id", "talk_id", "bulletin_id"), "nothing"
    )
    values["inspection"] = "2026-1"
    path = path.replace(":path}", "}")
    if "/indicators/" in path:
        values["name"] = "return_rate"
    return path.format(entry=entry, version="1", n="1", account_id=account, **values)


QUERIES = {
    "/v1/attendance": {"school_code": SCHOOL},
    "/v1/log/proofs/inclusion": {"index": "0"},
    "/v1/log/proofs/consistency": {"from": "1"},
    "/v1/log/proofs/heads": {"bucket": "0"},
    "/v1/log/entries": {"start": "0"},
}  # what a route cannot do without


async def call(client: httpx.AsyncClient, caller: Caller | None, method: str, path: str):
    headers, query = caller.headers if caller else {}, QUERIES.get(path)
    return await client.request(method, path, json=MALFORMED, headers=headers, params=query)
