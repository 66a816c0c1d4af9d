"""The body of every entry: required fields first, then what may be left out."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from api.schemas.fields import (
    Amount,
    Body,
    Day,
    Days,
    DisabilityBody,
    EntryNumber,
    Grade,
    GuardianBody,
    Hours,
    IdNumber,
    KeyGroupBody,
    Line,
    Met,
    Minutes,
    Names,
    OneOf,
    Papers,
    PersuaderBody,
    Phone,
    Reasons,
    SchoolCode,
    Sex,
    StudentNumber,
    UrgentReason,
    Words,
    YesNo,
    wrong,
)
from api.schemas.roll import (
    Admission,
    EnrolmentNotice,
    RollChange,
    RollChangePapers,
    Transfer,
    TransferDecision,
)
from domain import codes

NOT_ENROLLED = ("student_number", "school_code", "grade", "class_name")
LEVELS_ABOVE = ("township", "bureau")


class NewStudent(Body):
    """A child for the roll; without a school, one found not enrolled (应入未入)."""

    name: Line
    sex: Sex
    birth_date: Day
    student_number: StudentNumber | None = None
    school_code: SchoolCode | None = None
    grade: Grade | None = None
    class_name: Line | None = None
    found_by: Annotated[str, OneOf(codes.FOUND_BY)] | None = None
    township: Line | None = None
    id_number: IdNumber | None = None
    guardians: list[GuardianBody] | None = Field(default=None, max_length=10)
    home_address: Line | None = None
    registered_residence: Line | None = None
    key_groups: list[KeyGroupBody] | None = Field(default=None, max_length=20)
    disability: DisabilityBody | None = None

    @model_validator(mode="after")
    def found_if_not_enrolled(self) -> Self:
        missing = [name for name in NOT_ENROLLED if getattr(self, name) is None]
        if missing and not (self.found_by and self.township):
            raise wrong(
                "not_enrolled",
                "Missing: {missing}. They may be missing only with found_by and township.",
                f"缺少 {'、'.join(missing)};只有同时填写 found_by 和 township 时才可不填。",
                missing=", ".join(missing),
                pointer=f"/{missing[0]}",
            )
        return self


class Promotion(Body):
    """升级与毕业, yearly, for a whole school."""

    occurred_on: Day | None = None


class KeyGroupMark(Body):
    code: Annotated[str, OneOf(codes.KEY_GROUP)]
    source: Line
    purpose: Line
    from_day: Day = Field(alias="from")
    until: Day | None = None


class KeyGroupEnd(Body):
    occurred_on: Day | None = None
    reason: Words | None = None


class AbsenceFlag(Body):
    first_absent_on: Day
    absence_kind: Annotated[str, OneOf(codes.ABSENCE_KIND)]
    found_by: Annotated[str, OneOf(codes.FOUND_BY)]
    days: Days | None = None
    note: Words | None = None
    occurred_on: Day | None = None


class Suspicion(Body):
    occurred_on: Day
    days_absent: Days
    reported_reasons: Reasons


class ResponsiblePerson(Body):
    name: Line
    role: Annotated[str, OneOf(codes.RESPONSIBILITY_ROLE)]
    from_day: Day = Field(alias="from")
    phone: Phone | None = None


class HomeVisit(Body):
    occurred_on: Day
    mode: Annotated[str, OneOf(codes.VISIT_MODE)]
    visitors: Names
    met: Met
    purpose: Words | None = None
    family_situation: Words | None = None
    school_situation: Words | None = None
    guardian_view: Words | None = None
    verified_reasons: Reasons | None = None
    next_step: Words | None = None


class CounsellingSession(Body):
    occurred_on: Day
    kind: Annotated[str, OneOf(codes.COUNSELLING_KIND)]
    counsellor: Line
    minutes: Minutes | None = None
    notes: Words | None = None


class PersuasionAttempt(Body):
    occurred_on: Day
    persuaders: list[PersuaderBody] = Field(min_length=1, max_length=50)
    met: Met
    outcome: Annotated[str, OneOf(codes.PERSUASION_OUTCOME)]
    reasons: Reasons | None = None
    support_offered: Words | None = None
    note: Words | None = None


class Support(Body):
    kind: Annotated[str, OneOf(codes.SUPPORT_KIND)]
    from_day: Day = Field(alias="from")
    amount: Amount | None = None
    note: Words | None = None


class WrittenReport(Body):
    to_level: Annotated[str, OneOf(codes.ESCALATION_LEVEL, LEVELS_ABOVE)]
    report_number: Line
    occurred_on: Day
    summary: Words


class Order(Body):
    document_number: Line
    occurred_on: Day
    issued_by: Line
    due_on: Day


class OrderService(Body):
    served_on: Day
    served_to: Line
    place: Line
    occurred_on: Day | None = None


class LegalAction(Body):
    kind: Line
    document_number: Line
    occurred_on: Day
    legal_basis: Words
    result: Words | None = None


class Referral(Body):
    to_unit: Line
    occurred_on: Day
    question: Words
    kind: Annotated[str, OneOf(codes.REFERRAL_KIND)] = "other"


class ReferralAnswer(Body):
    occurred_on: Day
    answer: Words


class Return(Body):
    seen_on: Day
    class_name: Line
    confirmed_by: Line
    occurred_on: Day | None = None


class Observation(Body):
    occurred_on: Day
    attending: YesNo
    note: Words | None = None


class HomeTeachingPlan(Body):
    occurred_on: Day
    school_code: SchoolCode
    teachers: Names
    planned_hours_per_month: Hours
    from_day: Day = Field(alias="from")
    papers: Papers
    to: Day | None = None
    disability: DisabilityBody | None = None


class HomeTeachingSession(Body):
    occurred_on: Day
    teachers: Names
    minutes: Minutes
    topic: Words
    guardian_present: YesNo
    response: Words | None = None


class Placement(Body):
    kind: Annotated[str, OneOf(codes.PLACEMENT_KIND)]
    occurred_on: Day
    papers: Papers
    where: Line | None = None


class ContactLoss(Body):
    occurred_on: Day
    statement_by: Line
    papers: Papers


class DropoutSummary(Body):
    """What a school marks and the bureau confirms."""

    occurred_on: Day
    summary: Words


class CloseOutRequest(Body):
    reason: Annotated[str, OneOf(codes.CLOSE_REASON)]
    papers: Papers
    note: Words | None = None
    occurred_on: Day | None = None


class CloseOutDecision(Body):
    approve: YesNo
    note: Words | None = None
    occurred_on: Day | None = None


class Correction(Body):
    """``changes`` maps fields of the entry to what they should have said."""

    entry: EntryNumber
    changes: dict[str, object] = Field(min_length=1, max_length=30)
    reason: Words
    occurred_on: Day | None = None


class Restriction(Body):
    """封存: why, and on what basis in law."""

    reason: Words
    legal_basis: Words
    occurred_on: Day | None = None


class RestrictionEnd(Body):
    """解除封存."""

    reason: Words


class Erasure(Body):
    """申请销毁: why, and on what basis in law."""

    reason: Words
    legal_basis: Words


class ErasureDecision(Body):
    approve: YesNo
    note: Words | None = None


class GlassBreak(Body):
    """Why a child out of reach has to be read now; kept, and shown to those above."""

    reason: UrgentReason


# What the fields of a correctable entry look like.
BODY_OF_KIND: dict[str, type[Body]] = {
    "enrolled": NewStudent,
    "roll_changed": RollChange,
    "enrolment_notice_issued": EnrolmentNotice,
    "roll_change_papers_received": RollChangePapers,
    "admitted": Admission,
    "transfer_requested": Transfer,
    "transfer_accepted": TransferDecision,
    "transfer_rejected": TransferDecision,
    "key_group_assigned": KeyGroupMark,
    "key_group_ended": KeyGroupEnd,
    "absence_flagged": AbsenceFlag,
    "dropout_suspected": Suspicion,
    "contact_lost": ContactLoss,
    "dropout_marked": DropoutSummary,
    "dropout_confirmed": DropoutSummary,
    "returned_to_school": Return,
    "attendance_observed": Observation,
    "responsible_person_named": ResponsiblePerson,
    "home_visited": HomeVisit,
    "counselling_given": CounsellingSession,
    "persuasion_attempted": PersuasionAttempt,
    "support_given": Support,
    "home_teaching_assigned": HomeTeachingPlan,
    "home_teaching_given": HomeTeachingSession,
    "placement_arranged": Placement,
    "written_report_filed": WrittenReport,
    "order_issued": Order,
    "order_served": OrderService,
    "legal_action_taken": LegalAction,
    "referral_made": Referral,
    "referral_answered": ReferralAnswer,
    "close_out_requested": CloseOutRequest,
    "close_out_approved": CloseOutDecision,
    "close_out_rejected": CloseOutDecision,
}
