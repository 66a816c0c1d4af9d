"""What people type: lives to begin with, and values that could be, or sometimes never were."""

from datetime import date

from hypothesis import strategies as st

from domain import codes
from tests.domain.conftest import (
    BUREAU,
    BUREAU2,
    PRINCIPAL,
    TEACHER,
    TOWNSHIP,
    absence_flagged,
    close_out_asked,
    close_out_decided,
    confirmed_as_dropout,
    contact_lost,
    erasure_requested,
    home_teaching_assigned,
    marked_as_dropout,
    observed,
    ordered,
    persuaded,
    placed,
    referred,
    reported,
    restricted,
    returned,
    roll_changed,
    suspected,
    transfer_requested,
)

# Lives to begin with, so that every status is worked upon.
SUSPECTED = [absence_flagged(), suspected()]
RETURNED = [*SUSPECTED, persuaded(), returned()]
OBSERVED = [*RETURNED, observed(date(2026, 11, 12))]
MARKED = [*SUSPECTED, persuaded(), reported("bureau"), marked_as_dropout()]
LONG_GONE = [
    roll_changed("22", occurred_on=date(2021, 9, 1)),
    roll_changed("21", occurred_on=date(2022, 7, 1)),
]
LIVES = [
    [],
    [absence_flagged()],
    SUSPECTED,
    RETURNED,
    OBSERVED,
    [*OBSERVED, close_out_asked("C01", ["attendance_sheet"])],
    [*OBSERVED, close_out_asked("C01", ["attendance_sheet"]), close_out_decided()],
    [*RETURNED, absence_flagged(first_absent_on=date(2026, 10, 19))],
    MARKED,
    [*MARKED, confirmed_as_dropout()],
    [absence_flagged(), contact_lost()],
    [absence_flagged(), home_teaching_assigned()],
    [absence_flagged(), placed()],
    [*SUSPECTED, close_out_asked("C02", ["roll_extract"]), close_out_decided()],
    [*SUSPECTED, ordered(), referred(), transfer_requested()],
    [*SUSPECTED, close_out_asked("C02", ["roll_extract"], by=BUREAU)],
    [absence_flagged(), close_out_asked("C13", [], by=TEACHER, note="病假已补")],
    [*SUSPECTED, close_out_asked("C03", ["host_school_letter"]), home_teaching_assigned()],
    LONG_GONE,
    [*LONG_GONE, restricted()],
    [*LONG_GONE, restricted(), erasure_requested()],
    [*SUSPECTED, restricted()],
]

AGO = st.one_of(
    *(st.integers(0, 5), st.integers(0, 30), st.integers(0, 60), st.integers(0, 75)),
    st.sampled_from([-50_000, -400, -1, 5_000, 800_000]),
)
PICK = st.integers(0, 59)
NOWHERE = [-1, 0, 99, 10**9]
TEXT = st.sampled_from(["甲", "示例", "", "{day}", "O'Brien", "=1+1"]) | st.text(
    st.characters(codec="utf-8"), max_size=6
)
NOTE = st.none() | TEXT
NAMES = st.lists(TEXT, min_size=1, max_size=2)
GRADE = st.integers(1, 9)
SCHOOL = st.sampled_from(["3141000058", "3141000059", "2141000001", "5141000077"])
ACTORS = [TEACHER, PRINCIPAL, TOWNSHIP, BUREAU]
OFFICERS = st.sampled_from([BUREAU, BUREAU2])
PEOPLE = st.sampled_from(ACTORS)
SOME_PAPERS = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(list(codes.PAPER_KIND))},
        optional={"title": TEXT, "issued_on": st.just("2026-09-01")},
    ),
    max_size=3,
)
PAPERS = st.one_of(
    SOME_PAPERS,
    st.just([{"kind": kind} for kind in codes.PAPER_KIND]),
    st.sampled_from(sorted(codes.CLOSE_REASON)).map(
        lambda reason: [{"kind": kind} for kind in sorted(codes.CLOSE_REASON[reason].papers)]
    ),
)


def one_of(code_list):
    return st.sampled_from(list(code_list))


def some_of(code_list):
    return st.lists(one_of(code_list), min_size=1, max_size=3)


REASONS = some_of(codes.DROPOUT_REASON)
DISABILITY = st.none() | st.fixed_dictionaries(
    {"type": one_of(codes.DISABILITY_TYPE), "level": one_of(codes.DISABILITY_LEVEL)}
)
PERSUADERS = st.lists(
    st.fixed_dictionaries({"name": TEXT, "unit": TEXT, "level": one_of(codes.ESCALATION_LEVEL)}),
    min_size=1,
    max_size=2,
)
# The fields of a correction that are neither a text nor a day, as the forms check them.
SHAPES = {
    "absence_kind": one_of(codes.ABSENCE_KIND),
    "amount": st.floats(0, 10_000),
    "attending": st.booleans(),
    "days": st.integers(0, 400),
    "days_absent": st.integers(0, 400),
    "disability": DISABILITY,
    "found_by": one_of(codes.FOUND_BY),
    "grade": GRADE,
    "guardian_present": st.booleans(),
    "guardians": st.just([{"name": "测大舟", "relation": "父亲"}]),
    "met": some_of(codes.MET),
    "minutes": st.integers(1, 1440),
    "mode": one_of(codes.VISIT_MODE),
    "outcome": one_of(codes.PERSUASION_OUTCOME),
    "papers": PAPERS,
    "persuaders": PERSUADERS,
    "planned_hours_per_month": st.integers(1, 744),
    "reasons": REASONS,
    "reported_reasons": REASONS,
    "school_code": SCHOOL,
    "sex": one_of(codes.SEX),
    "teachers": NAMES,
    "to_grade": GRADE,
    "verified_reasons": REASONS,
    "visitors": NAMES,
}
DAYS = {"occurred_on", "birth_date", "first_absent_on", "seen_on", "served_on", "due_on"}
DAYS |= {"report_by"}
DAYS_OR_NONE = {"to", "until"}
KINDS = {
    "student.roll_changed": one_of(codes.ROLL_CHANGE),
    "student.support_given": one_of(codes.SUPPORT_KIND),
    "student.placement_arranged": one_of(codes.PLACEMENT_KIND),
}


def day(today, ago):
    """A day so long ago, held between the first and the last there are."""
    ordinal = today.toordinal() - ago
    return date.fromordinal(min(max(ordinal, 1), date.max.toordinal()))
