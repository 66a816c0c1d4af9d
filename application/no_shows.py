"""Screening for no-shows (应入未入排查): enrolment notices nobody answered, each flagged once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import psycopg
import structlog

from application.recording import TRIES, Ask, Busy, UnknownChild, VersionMoved
from application.store.scope import Scope
from application.store.sealing import Tampered
from application.tracking import CaseTracking
from domain.no_shows import no_show, week_one
from domain.refusals import Refusal
from domain.screening import SCREENER

WAITING = """
SELECT v.student_id, v.school_code, v.report_by FROM views.enrolment_notice_register v
WHERE v.until IS NULL AND v.waiting AND v.report_by < %s
    AND (%s::text[] IS NULL OR v.school_code = ANY(%s::text[]))
ORDER BY v.report_by, v.opened
"""
_log = structlog.get_logger("guixue.screening")


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of one child: a code of ``NO_SHOW_OUTCOME``, the flag's entry, its position."""

    student_id: UUID
    school_code: str
    outcome: str
    entry: int | None = None
    position: int = 0


class NoShows:
    """
    Flags children who answered no notice, as the account of screening.

    A view says at whom to look; what is recorded is decided on the child's stream at the version
    just read, so that whoever does it again, in whatever process, flags no notice twice.
    """

    def __init__(self, tracking: CaseTracking) -> None:
        self._tracking = tracking
        self._screened: dict[str, date] = {}  # schools, and the day they were last screened

    async def daily(self) -> int:
        """Screen the schools not screened today; return how many children were flagged."""
        today = self._tracking.today()
        try:
            waiting = await self._waiting(today, None)
        except psycopg.ProgrammingError:  # the view is not there yet, or of another shape
            return 0
        due = [row for row in waiting if self._screened.get(row[1]) != today]
        looked = [await self._looked_at(student_id, school) for student_id, school in due]
        self._screened |= {school: today for _, school in due}
        return sum(one.outcome == "flagged" for one in looked)

    async def screen(self, schools: Sequence[str] | None) -> list[Looked]:
        """Look at every notice of some schools, or of all, that is due and was not answered."""
        waiting = await self._waiting(self._tracking.today(), schools)
        return [await self._looked_at(student_id, school) for student_id, school in waiting]

    async def _waiting(self, today: date, schools: Sequence[str] | None) -> list[tuple[UUID, str]]:
        rows: Iterable[tuple[UUID, str, date]] = await self._tracking.store.query(
            WAITING, [today, schools, schools], scope=Scope(district=True)
        )
        book = self._tracking.rule_book
        return [
            (student_id, school)
            for student_id, school, report_by in rows
            if week_one(report_by, book.on(report_by))[1] < today
        ]

    async def _looked_at(self, student_id: UUID, school: str) -> Looked:
        """Decide on a child as it stands, and record that if it still stands so."""
        tracking = self._tracking
        for _ in range(TRIES):
            try:
                child = await tracking.child(student_id)
            except (Tampered, UnknownChild):  # one record keeps nobody else from being found
                return Looked(student_id, school, "to_look_into")
            finding = no_show(child, tracking.today(), tracking.rule_book)
            if not finding.flag:
                return Looked(student_id, school, finding.outcome, finding.entry)
            ask = Ask(SCREENER, child, if_match=child.version)
            try:
                done = await tracking.flag_absence(ask, **finding.flag)
            except VersionMoved:
                continue
            except Refusal as refusal:  # two people's entries beside the notice
                _log.info("not flagged", student=str(student_id), why=refusal.slug)
                return Looked(student_id, school, "to_look_into")
            return Looked(student_id, school, "flagged", done.answer["entry"], done.position)
        raise Busy
