"""The indicators (指标) as data: what each counts, in words, and as one condition of a view's rows.

A figure adds up what rows of a view add, its cases are those rows: both are asked for by the same
condition. Conditions speak of a row ``v``; what they take is named, as ``%(last)s``: ``first`` and
``last`` day asked about, ``year_starts`` and ``roll_on`` (domain.md section 6: a school year and
its start), ``cohort``, ``born_after`` and ``born_by`` of those of school age.
"""

from dataclasses import dataclass

from domain.code_list import CodeList

MONTHLY_RETURNS = "monthly returns"  # which stand in streams of their own, and in no view
OF_SCHOOL_AGE = (
    "v.birth_date > %(born_after)s AND v.birth_date <= %(born_by)s AND NOT v.finished"
    " AND v.student_status <> ALL ('{10,11}')"  # XSDQZT: left the district, died
)
POPULATION = CodeList.read(
    "统计对象",
    "domain.md section 6: never divide one population by another",
    """
    cases          | 个案(次)               | Cases, one for each episode
    students       | 在籍学生                | Children on the roll
    cohort         | 同届学生                | Children of one cohort
    disabled       | 适龄残疾儿童            | Children with a disability, of school age
    planned_hours  | 送教课时                | Hours of home teaching
    returns_due    | 应报送的月报            | Monthly returns due
    """,
)


@dataclass(frozen=True)
class Part:
    """
    A numerator or denominator: the rows of a view for which ``holds``, and what each adds.

    ``said`` tells it in Chinese and English.
    """

    view: str
    holds: str
    said: tuple[str, str]
    adds: str = "1"


@dataclass(frozen=True)
class Indicator:
    """
    One indicator: two parts of one population, and the period they are asked for.

    ``capped`` says that no more than all is shown; ``covers`` how many years before the cohort's
    graduation the log must reach back; ``by_place`` that it is told of places below the district;
    ``of_children`` that small counts of it may tell of one.
    """

    name: str
    label: tuple[str, str]
    numerator: Part
    denominator: Part
    period: tuple[str, str]
    population: str
    source: str
    capped: bool = False
    covers: int = 0
    by_place: bool = True
    of_children: bool = True

    def definition(self, language: str) -> str:
        """Say in one sentence what is counted, and of which period."""
        en = language == "en"
        parts = self.numerator.said[en], self.denominator.said[en], self.period[en]
        cap = ("以 100% 为限。", "At most 100 %.")[en] if self.capped else ""
        if en:
            return "Numerator: {}; denominator: {}; {}.".format(*parts) + (cap and f" {cap}")
        return "分子:{};分母:{};{}。".format(*parts) + cap


Said = tuple[tuple[str, str], tuple[str, str]]


def share(view: str, of: str, that: str, said: Said) -> tuple[Part, Part]:
    """Give the parts of a share: some rows, and all of which they are some."""
    numerator, denominator = said
    return Part(view, f"{of} AND {that}", numerator), Part(view, of, denominator)


CASES = "dropout_control_ledger"
NEEDED = (
    "v.needed_persuasion_on IS NOT NULL"
    " AND v.needed_persuasion_on >= %(first)s AND v.needed_persuasion_on <= %(last)s"
)
RETURNED = "v.ever_returned AND v.returned_on >= %(first)s AND v.returned_on <= %(last)s"
OPENED = "v.day >= %(first)s AND v.day <= %(last)s AND v.close_reason IS DISTINCT FROM 'C13'"
NEEDED_ZH = "需劝返的个案(曾为疑似辍学、失联或确认辍学)"
NEEDED_EN = "cases that needed persuasion (ever suspected, out of contact or dropped out)"
BY_NEED = (
    "期间按个案首次需劝返之日",
    "the period is that of the day a case first needed persuasion",
)

ON_ROLL = "v.change = 1 AND v.day <= %(roll_on)s AND (v.left_on IS NULL OR v.left_on > %(roll_on)s)"
MOVED = "v.kind IN ('enrolled', 'transferred_in', 'transferred_out')"
INTAKE_ADDS = "CASE v.kind WHEN 'transferred_out' THEN -1 ELSE 1 END"
GRADUATED = "v.kind = 'graduated' AND v.cohort = %(cohort)s"
BY_COHORT = (
    "按毕业年份,不按期间",
    "by the year of graduation, whatever the period",
)


def retention(
    name: str, label: tuple[str, str], kind: str, years: int, stage: tuple[str, str]
) -> Indicator:
    """Give the retention rate of the stage that schools of a type code teach (P: 栾川县)."""
    at = f"left(v.school_code, 2) = '{kind}'"
    return Indicator(
        name=name,
        label=label,
        numerator=Part(
            "mobility",
            f"{GRADUATED} AND {at}",
            (f"当年{stage[0]}毕业生", f"graduates of {stage[1]} schools that year"),
        ),
        denominator=Part(
            "mobility",
            f"{MOVED} AND v.cohort = %(cohort)s AND {at}",
            (
                f"该届{years}年前招生及以后入学、转入人数,减转出人数",
                f"the cohort's intake {years} years earlier and later arrivals, plus transfers in,"
                " less transfers out",
            ),
            INTAKE_ADDS,
        ),
        period=BY_COHORT,
        population="cohort",
        source="P",
        capped=True,
        covers=years,
    )


# Hours of a plan that fall on the days asked about: each month's, by the share of its days.
PLAN_STARTS = "greatest(v.day, %(first)s)"
PLAN_ENDS = "least(coalesce(v.ends_on, %(last)s), %(last)s)"
PLANNED = (
    "(SELECT round(coalesce(sum(v.planned_hours::numeric"  # noqa: S608  # our own
    f" * (least(month + interval '1 month' - interval '1 day', {PLAN_ENDS})::date"
    f" - greatest(month, {PLAN_STARTS})::date + 1)"
    " / extract(day FROM month + interval '1 month' - interval '1 day')), 0), 1)"
    f" FROM generate_series(date_trunc('month', {PLAN_STARTS}::timestamp),"
    f" {PLAN_ENDS}::timestamp, interval '1 month') AS month)"
)
DELIVERED = (
    "(SELECT round(coalesce(sum(minutes::numeric), 0) / 60, 1)"
    " FROM jsonb_each_text(v.sessions) AS taught (taught_on, minutes)"
    " WHERE taught_on::date >= %(first)s AND taught_on::date <= %(last)s)"
)
IN_FORCE = f"{PLAN_ENDS} >= {PLAN_STARTS}"

AT_SPECIAL_SCHOOL = "left(v.school_code, 2) = '51' AND v.student_status IN ('01', '05')"
ARRANGED = (
    "v.status <> 'dropped_out'"
    " AND (v.placement IN ('inclusive_class', 'special_school', 'institution')"
    " OR (v.home_taught AND coalesce(v.home_taught_until >= %(last)s, TRUE))"
    f" OR ({AT_SPECIAL_SCHOOL}))"
)

INDICATORS = (
    Indicator(
        "return_rate",
        ("劝返率", "Return rate"),
        *share(
            CASES,
            NEEDED,
            "v.ever_returned",
            (
                ("其中曾返校的个案", "those of them in which the child returned"),
                (NEEDED_ZH, NEEDED_EN),
            ),
        ),
        period=BY_NEED,
        population="cases",
        source="P/D",
    ),
    Indicator(
        "clearance_rate",
        ("清零率", "Clearance rate"),
        *share(
            CASES,
            OPENED,
            "v.status = 'closed'",
            (
                ("其中已凭证明材料销号的个案", "those of them closed with valid proof"),
                (
                    "已立个案(含缺勤预警;不含排除预警)",
                    "cases opened, the watched ones included, those ruled out not",
                ),
            ),
        ),
        period=("期间按首次缺勤日", "the period is that of the first absent day"),
        population="cases",
        source="D",
    ),
    Indicator(
        "dropout_rate",
        ("辍学率", "Dropout rate"),
        Part(
            CASES,
            "v.dropped_out_on >= %(year_starts)s AND v.dropped_out_on <= %(last)s",
            (
                "本学年内教体局确认辍学的个案,其后返校的也计入",
                "dropouts the bureau confirmed in the school year, whatever came after",
            ),
        ),
        Part(
            "mobility",
            ON_ROLL,
            (
                "学年初(9月1日)在籍学生;名册在该日之后才首次录入的,为首次录入之日",
                "students on the roll at the start of the school year, 1 September, or on the day"
                " the first roll was taken into the log, if that is later",
            ),
        ),
        period=(
            "学年为期间末日(未给出时为今天或“按哪天所知”之日)所在学年",
            "the school year is that of the last day of the period, else of today or the day as"
            " known on",
        ),
        population="students",
        source="D",
    ),
    retention(
        "retention_primary", ("小学巩固率", "Retention rate, primary"), "21", 6, ("小学", "primary")
    ),
    retention(
        "retention_junior",
        ("初中巩固率", "Retention rate, junior secondary"),
        "31",
        3,
        ("初中", "junior secondary"),
    ),
    Indicator(
        "nine_year_retention",
        ("九年义务教育巩固率", "Nine-year retention rate"),
        Part(
            "mobility",
            f"{GRADUATED} AND left(v.school_code, 2) <> '21'",
            ("当年九年级毕业生", "graduates of grade 9 that year"),
        ),
        Part(
            "mobility",
            "v.kind = 'enrolled' AND v.grade = 1"
            " AND v.cohort IN (%(cohort)s, %(cohort)s - 3)"  # which an index finds
            " AND v.cohort + CASE left(v.school_code, 2) WHEN '21' THEN 3 ELSE 0 END = %(cohort)s",
            ("该届九年前小学一年级招生数", "that cohort's intake into grade 1, nine years earlier"),
        ),
        period=(
            BY_COHORT[0] + ";学生在小学与初中之间换校,只按全区统计",
            BY_COHORT[1] + "; of the whole district alone, as children change schools in between",
        ),
        population="cohort",
        source="L",
        capped=True,
        covers=9,
        by_place=False,
    ),
    Indicator(
        "disabled_enrolment_rate",
        ("残疾儿童入学率", "Enrolment rate of disabled children"),
        *share(
            "school_age_ledger",
            f"v.disabled AND {OF_SCHOOL_AGE}",
            ARRANGED,
            (
                (
                    "其中随班就读、在特教学校或机构、送教上门的儿童",
                    "those of them in an inclusive class, at a special school or institution, or"
                    " taught at home",
                ),
                (
                    "登记有残疾的适龄儿童,在籍与否都计入",
                    "children of compulsory school age with a disability on record, on a roll or"
                    " not",
                ),
            ),
        ),
        period=(
            "按当前(或“按哪天所知”之日)登记情况,年龄算至期间末日",
            "as on record now or on the day as known on, of age on the last day of the period",
        ),
        population="disabled",
        source="S1",
    ),
    Indicator(
        "home_visit_coverage",
        ("家访覆盖率", "Home visit coverage"),
        *share(
            CASES,
            NEEDED,
            "v.visited_in_person",
            (
                (
                    "其中至少当面家访一次(入户、异地、联合)的个案",
                    "those of them visited in person at least once (at home, away, joint)",
                ),
                (NEEDED_ZH, NEEDED_EN),
            ),
        ),
        period=BY_NEED,
        population="cases",
        source="D",
    ),
    Indicator(
        "relapse_rate",
        ("再辍率", "Relapse rate"),
        *share(
            CASES,
            RETURNED,
            "v.relapsed",
            (
                ("其中观察期内再辍的个案", "those of them that relapsed under observation"),
                ("曾返校的个案", "cases in which the child returned"),
            ),
        ),
        period=("期间按最近返校日", "the period is that of the day of the last return"),
        population="cases",
        source="D",
    ),
    Indicator(
        "home_teaching_completion",
        ("送教完成率", "Home teaching completed"),
        Part(
            "home_teaching_ledger",
            IN_FORCE,
            ("这些计划在期间内完成的课时", "hours those plans delivered on days of the period"),
            DELIVERED,
        ),
        Part(
            "home_teaching_ledger",
            IN_FORCE,
            (
                "期间内有效的送教计划的计划课时,每月课时按有效天数折算",
                "hours planned by the plans in force in the period, each month's by the share of"
                " its days",
            ),
            PLANNED,
        ),
        period=(
            "期间末日未给出时算到今天或“按哪天所知”之日",
            "without a last day the period runs to today or the day as known on",
        ),
        population="planned_hours",
        source="D",
        capped=True,
    ),
    Indicator(
        "on_time_rate",
        ("按时报送率", "On-time rate"),
        Part(
            MONTHLY_RETURNS,
            "on_time",
            ("其中按期首次提交的月报", "those of them first submitted by their due day"),
        ),
        Part(
            MONTHLY_RETURNS,
            "due",
            ("应报送的月报,每校每月一份", "monthly returns due, a school's a month"),
        ),
        period=("期间按应报送之日", "the period is that of the due day"),
        population="returns_due",
        source="S1",
        of_children=False,
    ),
)
BY_NAME = {indicator.name: indicator for indicator in INDICATORS}
VIEWS_COUNTED = tuple(
    sorted(
        {part.view for one in INDICATORS for part in (one.numerator, one.denominator)}
        - {MONTHLY_RETURNS}
    )
)
