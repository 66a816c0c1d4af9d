"""Everything people record for a child: one table of commands, one way to take them."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from api.at_once import at_once
from api.checking import Checked, Straight, service_of
from api.corrections import checked_changes
from api.deps import IfMatch, Key, logged_refusal, permitted_posts
from api.evidence import receipt
from api.openapi import documented
from api.reach import EntryPath, StudentId, ask_for, entry_number
from api.schemas import entries as bodies
from api.schemas import roll
from api.schemas.fields import Body
from api.service import Service
from api.showing import answer
from application.access import (
    NotAllowed,
    OutOfReach,
    Reaches,
    admits,
    answers_transfer,
    hands_in_papers,
    in_reach,
    invites,
    invites_to,
    knows_referral,
    may_correct,
    takes_in,
    teaches_at_home,
)
from application.store.store import Appended
from application.tracking import Ask, CaseTracking
from domain import refusals
from domain.entry import Entry
from domain.roll import TRANSFER_IN
from domain.student import Student

router = APIRouter(route_class=Checked, tags=["entries 登记"])
Take = Callable[..., Awaitable[Appended]]


@dataclass(frozen=True)
class Command:
    """
    One kind of entry: where it is posted, who may, what it says, who takes it.

    ``take`` is the method of the application; the rules it may meet stand in the docstring of the
    domain's method of the same name.
    """

    path: str
    step: str
    body: type[Body]
    take: Take
    title: str
    reaches: Reaches = in_reach

    @property
    def on_entry(self) -> bool:
        return "{entry}" in self.path


# Steps whose permission hangs on what the body says, too.
HANGS_ON_BODY = frozenset({"report", "change_roll", "admit", "correct", "issue_notice"})
T = CaseTracking
COMMANDS = (
    Command(
        "roll-changes",
        "change_roll",
        roll.RollChange,
        T.change_roll,
        "学籍异动",
        reaches=takes_in,
    ),
    Command(
        "roll-changes/{entry}/papers",
        "receive_papers",
        roll.RollChangePapers,
        T.receive_papers,
        "补交异动材料",
        reaches=hands_in_papers,
    ),
    Command("admissions", "admit", roll.Admission, T.admit, "新生报到、升学", reaches=admits),
    Command(
        "enrolment-notices",
        "issue_notice",
        roll.EnrolmentNotice,
        T.issue_notice,
        "入学通知书",
        reaches=invites,
    ),
    Command("key-groups", "assign_key_group", bodies.KeyGroupMark, T.assign_key_group, "重点群体"),
    Command("absence-flags", "flag_absence", bodies.AbsenceFlag, T.flag_absence, "缺勤预警"),
    Command("suspicions", "suspect", bodies.Suspicion, T.suspect, "核实疑似辍学"),
    Command(
        "responsible-persons",
        "name_responsible",
        bodies.ResponsiblePerson,
        T.name_responsible,
        "责任人 / 帮扶人",
    ),
    Command("home-visits", "visit_home", bodies.HomeVisit, T.visit_home, "家访登记"),
    Command(
        "counselling-sessions",
        "counsel",
        bodies.CounsellingSession,
        T.counsel,
        "心理疏导、学业辅导",
    ),
    Command("persuasion-attempts", "persuade", bodies.PersuasionAttempt, T.persuade, "劝返登记"),
    Command("support", "support", bodies.Support, T.support, "帮扶"),
    Command("written-reports", "report", bodies.WrittenReport, T.report, "疑似辍学书面报告"),
    Command("orders", "issue_order", bodies.Order, T.issue_order, "责令限期改正"),
    Command(
        "orders/{entry}/service", "serve_order", bodies.OrderService, T.serve_order, "送达回证"
    ),
    Command(
        "legal-actions", "take_legal_action", bodies.LegalAction, T.take_legal_action, "依法处置"
    ),
    Command("referrals", "refer", bodies.Referral, T.refer, "转介"),
    Command(
        "referrals/{entry}/answer",
        "answer_referral",
        bodies.ReferralAnswer,
        T.answer_referral,
        "转介答复",
        reaches=knows_referral,
    ),
    Command("returns", "confirm_return", bodies.Return, T.confirm_return, "返校"),
    Command(
        "observations", "observe_attendance", bodies.Observation, T.observe_attendance, "返校观察"
    ),
    Command(
        "home-teaching-plans",
        "assign_home_teaching",
        bodies.HomeTeachingPlan,
        T.assign_home_teaching,
        "送教上门方案",
    ),
    Command(
        "home-teaching-sessions",
        "teach_at_home",
        bodies.HomeTeachingSession,
        T.teach_at_home,
        "送教记录",
        reaches=teaches_at_home,
    ),
    Command("placements", "place", bodies.Placement, T.place, "安置"),
    Command("contact-losses", "lose_contact", bodies.ContactLoss, T.lose_contact, "失联"),
    Command("dropout-marks", "mark_dropout", bodies.DropoutSummary, T.mark_dropout, "标记辍学"),
    Command(
        "dropout-confirmations",
        "confirm_dropout",
        bodies.DropoutSummary,
        T.confirm_dropout,
        "确认辍学",
    ),
    Command(
        "close-out-requests",
        "request_close_out",
        bodies.CloseOutRequest,
        T.request_close_out,
        "申请销号",
    ),
    Command(
        "close-out-decisions",
        "decide_close_out",
        bodies.CloseOutDecision,
        T.decide_close_out,
        "审批销号",
    ),
    Command(
        "corrections", "correct", bodies.Correction, T.correct, "更正", reaches=teaches_at_home
    ),
    Command("transfers", "request_transfer", roll.Transfer, T.request_transfer, "申请转学"),
    Command(
        "transfers/{entry}/decision",
        "decide_transfer",
        roll.TransferDecision,
        T.decide_transfer,
        "答复转学",
        reaches=answers_transfer,
    ),
    Command("restriction", "restrict", bodies.Restriction, T.restrict, "封存"),
    Command(
        "restriction/end",
        "lift_restriction",
        bodies.RestrictionEnd,
        T.lift_restriction,
        "解除封存",
    ),
    Command("erasure", "request_erasure", bodies.Erasure, T.request_erasure, "申请销毁"),
    Command(
        "erasure-decisions",
        "decide_erasure",
        bodies.ErasureDecision,
        T.decide_erasure,
        "审批销毁",
    ),
)


def recorded(service: Service, done: Appended) -> Response:
    """Answer a command: where its entry stands, and the log's receipt for it."""
    body = done.answer
    return answer(
        body,
        status=201,
        position=done.position,
        headers={
            "Location": f"/v1/students/{body['student_id']}/history/{body['version']}",
            "ETag": f'"{body["version"]}"',
            **receipt(service, done),
        },
    )


def add_route(command: Command) -> None:
    """Add the route of one command."""
    form = TypeAdapter[Body](command.body)

    async def record(request: Request) -> Response:
        loaded = command.step in HANGS_ON_BODY
        ask = await ask_for(request, command.step, command.reaches, loaded=loaded)
        try:
            body = form.validate_python(request._json)  # noqa: SLF001
        except ValidationError as wrong:
            errors = wrong.errors(include_url=False)
            raise RequestValidationError(
                [{**error, "loc": ("body", *error["loc"])} for error in errors]
            ) from None
        return await taken(request, command, ask, body.facts())

    async def described(
        request: Request,
        student_id: StudentId,
        body: command.body,  # type: ignore[name-defined]
        if_match: IfMatch,
        key: Key,
    ) -> Response:
        del student_id, body, if_match, key  # declared for the description alone
        return await record(request)

    described.straight = record  # type: ignore[attr-defined]
    parameters: list[Any] = [at_once(_entry_path)] if command.on_entry else []
    router.add_api_route(
        f"/v1/students/{{student_id}}/{command.path}",
        described,
        methods=["POST"],
        status_code=201,
        dependencies=parameters,
        route_class_override=Straight,
        **documented(command.step, command.title, command.body, getattr(Student, command.step)),
    )


def _entry_path(entry: EntryPath) -> None:
    """Name the parameter in the description; ``reach.ask_for`` reads it, after reach."""


async def taken(request: Request, command: Command, ask: Ask, facts: dict[str, Any]) -> Response:
    """Have a command taken, as far as the person may."""
    service = service_of(request)
    if command.on_entry:
        facts["entry"] = entry_number(request.path_params["entry"])
    if command.step in HANGS_ON_BODY:
        as_told = dict(facts)
        await check_named(request, ask.child, command, facts)

        async def still(newer: Student) -> None:
            assert ask.still is not None
            await ask.still(newer)
            await check_named(request, newer, command, dict(as_told))

        ask = replace(ask, still=still)
    for named in schools_named(ask, facts):
        if service.directory.school(named) is None:
            unknown = refusals.SchoolUnknown(school_code=named)
            return recorded(service, await service.tracking.refuse(ask, unknown))
    return recorded(service, await command.take(service.tracking, ask, **facts))


def schools_named(ask: Ask, facts: dict[str, Any]) -> Iterator[str]:
    """Give the school codes a body names, in fields that are its own or the corrected entry's."""
    for name in ("to_school", "school_code"):
        if isinstance(facts.get(name), str):
            yield facts[name]
    for wrong in ask.child.entries[facts.get("entry", 0) - 1 :][:1]:
        named = facts.get("changes", {}).get("school_code")
        if "school_code" in wrong.CORRECTABLE and isinstance(named, str):
            yield named


async def check_named(
    request: Request, child: Student, command: Command, facts: dict[str, Any]
) -> None:
    """
    Check what hangs on the body: steps that depend on it, and the entry a correction names.

    :raises NotAllowed: if the person may not take the step the body amounts to
    :raises OutOfReach: if the child is theirs for another step only
    """
    post = request.state.post
    if command.step == "report":
        await permitted_posts(request, f"report_to_{facts['to_level']}")
    if command.step == "change_roll":
        if facts["kind"] == TRANSFER_IN:
            facts["to_school"] = next(iter(post.schools), None)
        elif not post.reaches(child):
            await logged_refusal(request, command.step, child)
            raise OutOfReach
    if command.step == "admit" and not (
        post.whole_district or facts["school_code"] in post.schools
    ):
        await logged_refusal(request, command.step, child)
        raise OutOfReach
    if command.step == "issue_notice" and not invites_to(post, child, facts["school_code"]):
        await logged_refusal(request, command.step, child)
        raise OutOfReach
    if command.step == "correct":
        for wrong in child.entries[facts["entry"] - 1 : facts["entry"]]:
            await check_correction(request, child, wrong, facts)


async def check_correction(
    request: Request, child: Student, wrong: Entry, facts: dict[str, Any]
) -> None:
    """
    Check that the person may correct an entry like this, and what the changes look like.

    :raises NotAllowed: if not
    :raises RequestValidationError: if the entry would not be well formed
    """
    try:
        may_correct(request.state.person, child, wrong, facts["changes"])
    except NotAllowed:
        await logged_refusal(request, f"correct {wrong.entry_kind()}", child)
        raise
    facts["changes"] = checked_changes(wrong, facts["changes"])


for _command in COMMANDS:
    add_route(_command)
