"""Rules and calendar put in force over HTTP: deadlines from a day on, a year's holidays, terms."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import IfMatch, Key, Serving, SignedIn, malformed, permitted_posts
from api.openapi import READ, WRITE, body_example, problems
from api.rule_words import RULE, RULE_CHANGE
from api.schemas.fields import Body
from api.schemas.rules import (
    DaysBody,
    DeadlinesBody,
    HolidayNoticeBody,
    HolidaysBody,
    TermsBody,
)
from api.service import Service
from api.showing import local
from api.subjects import subject_recorded, subject_recorded_as
from application.store.store import Appended
from application.subjects import Wish
from domain import rules_refusals as rules
from domain.district_rules import DaysSet, DeadlinesSet, DistrictRules, HolidaysSet, TermsSet
from domain.holiday_notice import HolidayNotice, WrongNotice, read_notice
from domain.refusals import Refusal

router = APIRouter(route_class=Checked, tags=["rules 规则"])
PATH = "/v1/rules"


async def wishing(request: Request, person: SignedIn, if_match: IfMatch, key: Key) -> Wish:
    """Give the wish of somebody who puts rules in force."""
    posts = await permitted_posts(request, "change_rules")
    return Wish(person.actor(posts[0]), if_match, key)


Wishing = Annotated[Wish, Depends(wishing)]


def described(summary: str, body: type[Body], *refusals: type[Refusal]) -> dict[str, Any]:
    """Describe how something is put in force."""
    return {
        "status_code": 201,
        "summary": summary,
        "responses": {
            **subject_recorded_as("rules_put", "On record, and in force from its day on."),
            **problems(
                *(*READ, *WRITE, "version-moved", "record-damaged", "keys-away"),
                rules=list(refusals),
            ),
        },
        "openapi_extra": body_example(body),
    }


def put(service: Service, done: Appended) -> Response:
    """Answer that something was put in force: its number among all that ever was."""
    told = subject_recorded(service, done, str(done.answer["entry"]), PATH)
    told.headers["Location"] = PATH
    return told


@router.post(
    f"{PATH}/deadlines",
    **described(
        "施行期限 · Put deadlines in force from a day to come",
        DeadlinesBody,
        rules.RulesTooEarly,
        rules.RulesTooFar,
        rules.RulesAsBefore,
    ),
)
async def put_deadlines(wish: Wishing, service: Serving, body: DeadlinesBody) -> Response:
    """They hold for what begins on that day or later; what has begun keeps its own."""
    done = await service.rules.set_deadlines(
        wish, in_force_from=body.in_force_from, deadlines=body.deadlines, reason=body.reason
    )
    return put(service, done)


@router.post(
    f"{PATH}/holidays",
    **described(
        "施行放假通知 · Put a year's holidays in force, as the notice has them",
        HolidaysBody,
        rules.CalendarYearAway,
        rules.FestivalsMissing,
        rules.RulesAsBefore,
    ),
)
async def put_holidays(wish: Wishing, service: Serving, body: HolidaysBody) -> Response:
    """Days that are over stay as they were counted; days to come are the notice's."""
    done = await service.rules.set_holidays(
        wish, notice=notice_in(body), source=body.source, accept_missing=body.accept_missing
    )
    return put(service, done)


@router.post(
    f"{PATH}/days",
    **described(
        "停课与补课 · Close single days to come, and open others",
        DaysBody,
        rules.DayOver,
        rules.DayOutsideTerms,
        rules.RulesAsBefore,
    ),
)
async def put_days(wish: Wishing, service: Serving, body: DaysBody) -> Response:
    """Of all schools of the district, within a term; whatever a notice says of the day."""
    done = await service.rules.set_days(
        wish, closed=body.closed, opened=body.opened, source=body.source
    )
    return put(service, done)


@router.post(
    f"{PATH}/terms",
    **described(
        "施行学期起止 · Put the terms of a school year in force",
        TermsBody,
        rules.CalendarYearAway,
        rules.TermBegun,
        rules.RulesAsBefore,
    ),
)
async def put_terms(wish: Wishing, service: Serving, body: TermsBody) -> Response:
    """A first or last day of a term that is over stays as it was."""
    done = await service.rules.set_terms(
        wish, school_year=body.school_year, terms=body.terms, source=body.source
    )
    return put(service, done)


def notice_in(body: HolidayNoticeBody) -> HolidayNotice:
    """
    Read the notice of a body.

    :raises ValidationProblem: naming what the text has wrong
    """
    try:
        return read_notice(body.text, body.year)
    except WrongNotice as wrong:
        raise malformed("body", "text", wrong.en, wrong.zh) from None


def changes_told(told: DistrictRules, service: Service, language: str) -> list[dict[str, Any]]:
    """Tell what was put in force, the newest first."""
    return [
        {
            "number": fact.originator_version,
            "kind": fact.KIND,
            "kind_label": RULE_CHANGE.label(fact.KIND, language),
            **of_kind(fact, language),
            "recorded_at": local(fact.timestamp, service.settings.zone),
            "recorded_by": fact.by,
        }
        for fact in reversed(told.facts)
    ]


def of_kind(fact: Any, language: str) -> dict[str, Any]:
    """Give what a change says besides when and by whom; what it has not is null."""
    deadlines = fact.deadlines if isinstance(fact, DeadlinesSet) else {}
    return {
        "in_force_from": fact.in_force_from if isinstance(fact, DeadlinesSet) else None,
        "year": fact.year if isinstance(fact, HolidaysSet) else None,
        "school_year": fact.school_year if isinstance(fact, TermsSet) else None,
        "why": fact.reason if isinstance(fact, DeadlinesSet) else fact.source,
        "deadlines": list(named(deadlines, language)),
        "terms": fact.terms if isinstance(fact, TermsSet) else [],
        "closed": fact.closed if isinstance(fact, DaysSet) else [],
        "opened": fact.opened if isinstance(fact, DaysSet) else [],
    }


def named(deadlines: dict[str, Any], language: str) -> Iterator[dict[str, Any]]:
    """Name deadlines in the reader's language."""
    for name, value in deadlines.items():
        yield {"name": name, "label": RULE.label(name, language), "value": value}
