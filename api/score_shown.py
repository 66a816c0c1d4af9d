"""How answers show scores (考评): with every version; and their register as printed."""

from collections.abc import Iterable, Iterator
from typing import Any

from api.inspection_shown import place
from api.ledger_lines import Value
from api.printed_register import Column, Printed
from api.service import Service
from api.showing import local, shown
from api.subjects import id_of
from api.supervision_reach import Area
from domain.rubrics import Rubrics
from domain.scores import Score
from domain.supervision_periods import Period

REGISTER = Printed(
    "scores",
    "考评登记表",
    "Register of scores",
    (
        Column("序号", "No.", 6),
        Column("学校", "School", 18),
        Column("乡镇", "Township", 12),
        Column("周期", "Period", 11),
        Column("考评日期", "Scored on", 12),
        Column("细则", "Rubric", 24),
        Column("满分", "Out of", 8),
        Column("得分", "Points", 8),
        Column("扣分及依据", "Deductions and evidence", 44),
        Column("表扬", "Commended", 10),
        Column("备注", "Note", 24),
        Column("考评人", "Scored by", 10),
    ),
)


async def scores_of(
    service: Service, area: Area, period: Period, upto: int
) -> list[tuple[str, Score]]:
    """Give the scores of some schools for a period, by school code."""
    names = [(school, period.name) for school in sorted(area.schools)]
    told_of = await service.supervision.scores.told(names, upto)
    return [(school, one) for (school, _), scores in told_of for one in scores.scores.values()]


def told(service: Service, language: str, rubrics: Rubrics, score: Score) -> dict[str, Any]:
    """Give a score as answers show it."""
    rubric = rubrics.one(score.given.rubric)
    zone, given, decided = service.settings.zone, score.given, score.commendation
    item = {
        "id": id_of(given.school_code, given.period, score.entry),
        **place(given.school_code, service),
        "period": given.period,
        "rubric": given.rubric,
        "rubric_title": rubric.title,
        "occurred_on": given.occurred_on,
        "inspection": given.inspection,
        "entry": score.entry,
        "points": score.stands.points,
        "total": score.total,
        "out_of": sum(rubric.worth.values()),
        "note": score.stands.note,
        "commended": score.commended,
        "commendation": decided
        and {
            "commended": decided.commended,
            "reason": decided.reason,
            "recorded_at": local(decided.timestamp, zone),
            "recorded_by": decided.by,
        },
        "recorded_at": local(given.timestamp, zone),
        "recorded_by": given.by,
        "versions": [
            {
                "entry": one.originator_version,
                "points": one.points,
                "note": one.note,
                "reason": getattr(one, "reason", None),
                "recorded_at": local(one.timestamp, zone),
                "recorded_by": one.by,
            }
            for one in score.versions
        ],
    }
    answer: dict[str, Any] = shown(item, language, masks={})
    return answer


def lines(
    service: Service, language: str, rubrics: Rubrics, scores: Iterable[Score]
) -> Iterator[list[Value]]:
    """Give the lines of the register, a score each."""
    between = "; " if language == "en" else ";"
    yes = ("是", "Yes")[language == "en"]
    for seq, score in enumerate(scores, 1):
        item, worth = told(service, language, rubrics, score), rubrics.one(score.given.rubric).worth
        deducted = [
            f"{one['code']} -{worth[one['code']] - one['points']:g} {one.get('evidence', '')}"
            for one in score.stands.points
            if one["points"] < worth[one["code"]]
        ]
        yield [
            *(seq, item["school"], item["township"], item["period"], item["occurred_on"]),
            *(item["rubric_title"], item["out_of"], item["total"], between.join(deducted)),
            *(yes if item["commended"] else None, item["note"], item["recorded_by"]["name"]),
        ]
