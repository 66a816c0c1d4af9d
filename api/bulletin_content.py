"""What a bulletin tells (公告内容): from its sources at a position, small counts withheld."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from api.deps import ROLL
from api.inspection_shown import finding_sums, head_sums, place
from api.service import Service
from api.subjects import names_in
from application.inspections import InspectionId
from application.store.scope import Scope
from domain.bulletins import BulletinDrafted
from domain.child_names import Found, found_in
from domain.inspection import Inspection
from domain.inspection_facts import HeadsCounted
from domain.inspection_findings import Finding
from domain.scores import Score
from domain.supervision_refusals import SourceNotOver, SourceUnknown
from domain.suppression import columns_of, suppressed, tells

OF_THE_SCHOOLS = """
SELECT DISTINCT student_name, student_number, id_number FROM views.students
WHERE school_code = ANY(%s)
"""


class Sources(NamedTuple):
    """The inspections and scores a bulletin tells of."""

    inspections: list[Inspection]
    scores: list[Score]

    @property
    def schools(self) -> list[str]:
        """The schools concerned, by their codes."""
        inspected = {code for one in self.inspections for code in one.planned.schools}
        return sorted(inspected | {score.given.school_code for score in self.scores})


async def sources_of(
    service: Service, inspections: Iterable[str], scores: Iterable[str], position: int
) -> Sources:
    """
    Load what a bulletin tells of, as of a position.

    :raises SourceUnknown: if an inspection or a score is not there
    :raises SourceNotOver: if an inspection has not ended
    """
    found = Sources([], [])
    for number in dict.fromkeys(inspections):
        asked = InspectionId.read(number)
        inspection = await service.inspections.one(asked, position) if asked else None
        if inspection is None:
            raise SourceUnknown(source=number)
        if inspection.ended is None:
            raise SourceNotOver(inspection=number)
        found.inspections.append(inspection)
    for score_id in dict.fromkeys(scores):
        names = names_in(score_id, str, str, int)
        school, period, entry = names or ("", "", 0)
        given = await service.supervision.scores.one(school, period, upto=position)
        if entry not in given.scores:
            raise SourceUnknown(source=score_id)
        found.scores.append(given.scores[entry])
    return found


async def names_found(
    service: Service, words: Iterable[tuple[str, str]], schools: Sequence[str], position: int
) -> dict[str, Found]:
    """
    Say by field which texts name a child that is or was at some schools, or perhaps do.

    :raises ViewBehind: while the roll has not reached the position
    """
    await service.freshness.reached(position, views=(ROLL,))
    rows = await service.store.query(
        OF_THE_SCHOOLS,
        [list(schools)],
        scope=Scope(district=True),  # whoever drafts: no name leaves
    )
    names = {name for name, _, _ in rows}
    numbers = {number for _, *both in rows for number in both if number}
    directory = service.directory
    known = [school for code in directory.codes() if (school := directory.school(code))]
    own = {word for one in known for word in (one.name, one.township, one.township_office)}
    return {where: found for where, text in words if (found := found_in(text, names, numbers, own))}


def content_of(service: Service, drafted: BulletinDrafted, sources: Sources) -> dict[str, Any]:
    """
    Give what a bulletin tells: plain values that are the same for ever once they are stored.

    Heads of a school are withheld where one to four children could be told, directly or from the
    sum; and the sum with them, where it would tell.
    """
    today = service.tracking.today()
    heads = _heads(sources.inspections)
    withheld, whole = _withheld(heads)
    said = {one["school_code"]: one["text"] for one in drafted.summaries}
    found = [finding for one in sources.inspections for finding in one.findings.values()]
    commended = {score.given.school_code for score in sources.scores if score.commended}

    def school(code: str) -> dict[str, Any]:
        here: list[Finding] = [one for one in found if one.noted.school_code == code]
        return {
            **place(code, service),
            "commended": code in commended,
            "findings": finding_sums(here, today),
            "heads": None if code in withheld or code not in heads else head_sums(heads[code]),
            "heads_withheld": code in withheld,
            "summary": said.get(code),
        }

    every = [count for counts in heads.values() for count in counts]
    return {
        "title": drafted.title,
        "period": drafted.period,
        "text": drafted.text,
        "inspections": [
            {
                "inspection": one.planned.inspection,
                "kind": one.planned.kind,
                "starts_on": one.planned.starts_on.isoformat(),
                "ends_on": one.planned.ends_on.isoformat(),
                "schools": len(one.planned.schools),
            }
            for one in sources.inspections
        ],
        "commended": [place(code, service) for code in sorted(commended)],
        "schools": [school(code) for code in sources.schools],
        "total": {
            "schools": len(sources.schools),
            "findings": finding_sums(found, today),
            "heads": head_sums(every) if every and whole else None,
            "heads_withheld": not whole,
        },
    }


def _heads(inspections: Iterable[Inspection]) -> dict[str, list[HeadsCounted]]:
    found: dict[str, list[HeadsCounted]] = {}
    for one in inspections:
        for count in one.heads.values():
            found.setdefault(count.school_code, []).append(count)
    return found


def _withheld(heads: Mapping[str, Sequence[HeadsCounted]]) -> tuple[set[str], bool]:
    """Name the schools whose heads are withheld, and say whether their sum may be told."""
    rows: dict[str, tuple[float, ...]] = {}
    for school, counts in heads.items():
        sums = head_sums(counts)
        away = max(sums["on_roll"] - sums["counted"], 0)
        told = ("on_roll", "counted", "explained", "unaccounted")
        rows[school] = (*(sums[name] for name in told), away)
    withheld = suppressed(rows)
    if not withheld:
        return withheld, True
    return withheld, not any(tells(column) for column in columns_of(rows, withheld))
