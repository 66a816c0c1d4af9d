"""The invented people and schools the API is tested with, and how they call it."""

import json
from datetime import date
from typing import Any

import httpx

from api.examples import EXAMPLES
from application.accounts import NewAccount
from application.directory import School
from domain.identifiers import id_check_character

SCHOOL, OTHER_SCHOOL, PRIMARY = "3141000058", "3141000059", "2141000001"
SCHOOLS = [
    School(SCHOOL, "晴川中学", "晴川镇", "晴川镇中心校", "junior"),
    School(OTHER_SCHOOL, "云溪中学", "云溪镇", "云溪镇中心校", "junior"),
    School(PRIMARY, "晴川小学", "晴川镇", "晴川镇中心校", "primary"),
]
PASSWORD = "guixue-test"
ACCOUNTS = [
    NewAccount("teacher", "测甲", "teacher", "晴川中学", school=SCHOOL, grade=7, class_name="1班"),
    NewAccount("teacher2", "测乙", "teacher", "晴川中学", school=SCHOOL, grade=7, class_name="2班"),
    NewAccount("registrar", "测丙", "registrar", "晴川中学", school=SCHOOL),
    NewAccount("counsellor", "测丁", "counsellor", "晴川中学", school=SCHOOL),
    NewAccount("principal", "测戊", "principal", "晴川中学", school=SCHOOL),
    NewAccount("principal2", "测己", "principal", "云溪中学", school=OTHER_SCHOOL),
    NewAccount("registrar2", "测庚", "registrar", "云溪中学", school=OTHER_SCHOOL),
    NewAccount("office", "测辛", "township_office", "晴川镇中心校", office="晴川镇中心校"),
    NewAccount("township", "测壬", "township", "晴川镇人民政府", township="晴川镇"),
    NewAccount("village", "测卯", "village", "晴川镇河湾村", township="晴川镇"),
    NewAccount("bureau", "测癸", "bureau", "区教体局"),
    NewAccount("bureau2", "测子", "bureau", "区教体局"),
    NewAccount("task_force", "测辰", "task_force", "区控辍保学专班办公室"),
    NewAccount("member_unit", "测巳", "member_unit", "民政"),
    NewAccount(
        *("inspector", "测午", "inspector", "区督查组"),
        schools=(SCHOOL,),
        until_day=date(2099, 12, 31),
    ),
    NewAccount("auditor", "测丑", "auditor", "审计"),
    NewAccount("admin", "测寅", "admin", "区教体局"),
]


class Caller:
    """Somebody signed in, who calls the service."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self._client.get(path, headers={**self.headers, **_named(headers)})

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Send JSON; header names with underscores for hyphens."""
        return await self._client.post(
            path,
            content=json.dumps({} if body is None else body),
            headers={**self.headers, "Content-Type": "application/json", **_named(headers)},
        )

    async def record(self, student_id: str, path: str, **changes: Any) -> dict[str, Any]:
        """Record an entry with its example body, changed as given; it must succeed."""
        answer = await self.post(f"/v1/students/{student_id}/{path}", {**example(path), **changes})
        assert answer.status_code == 201, answer.text
        recorded: dict[str, Any] = answer.json()
        return recorded

    async def fresh(self, path: str, position: int) -> Any:
        """Read from the views once they have reached a position; it must succeed."""
        answer = await self.get(path, Min_Log_Position=str(position))
        assert answer.status_code == 200, answer.text
        return answer.json()


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


EXAMPLE_OF = {
    "absence-flags": "AbsenceFlag",
    "suspicions": "Suspicion",
    "home-visits": "HomeVisit",
    "counselling-sessions": "CounsellingSession",
    "persuasion-attempts": "PersuasionAttempt",
    "responsible-persons": "ResponsiblePerson",
    "support": "Support",
    "written-reports": "WrittenReport",
    "orders": "Order",
    "legal-actions": "LegalAction",
    "referrals": "Referral",
    "returns": "Return",
    "observations": "Observation",
    "home-teaching-plans": "HomeTeachingPlan",
    "home-teaching-sessions": "HomeTeachingSession",
    "placements": "Placement",
    "contact-losses": "ContactLoss",
    "dropout-marks": "DropoutSummary",
    "dropout-confirmations": "DropoutSummary",
    "close-out-requests": "CloseOutRequest",
    "close-out-decisions": "CloseOutDecision",
    "corrections": "Correction",
    "transfers": "Transfer",
    "roll-changes": "RollChange",
    "papers": "RollChangePapers",
    "enrolment-notices": "EnrolmentNotice",
    "admissions": "Admission",
    "key-groups": "KeyGroupMark",
    "restriction": "Restriction",
    "restriction/end": "RestrictionEnd",
    "erasure": "Erasure",
    "erasure-decisions": "ErasureDecision",
}


def example(path: str) -> dict[str, Any]:
    """The example body of a kind of entry, by the last word of its path."""
    return dict(EXAMPLES[EXAMPLE_OF[path]])


def student_number(serial: int) -> str:
    """A valid invented 学籍号; another one for each serial."""
    first17 = f"41039920140915{serial % 1000:03d}"
    return f"G{first17}{id_check_character(first17)}"


async def enrol(caller: Caller, serial: int, **changes: Any) -> dict[str, Any]:
    """Put an invented child on the roll; it must succeed."""
    body = {
        **EXAMPLES["NewStudent"],
        "school_code": SCHOOL,
        "student_number": student_number(serial),
        **changes,
    }
    answer = await caller.post("/v1/students", body)
    assert answer.status_code == 201, answer.text
    recorded: dict[str, Any] = answer.json()
    return recorded
