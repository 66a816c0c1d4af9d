"""劝返复学台账: one row per episode that ever reached suspected, with its persuasion attempts."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from domain.entry import Entry
from projections.episodes import case_file, episode_numbers, touched_episodes
from projections.replay import Child
from projections.view import (
    LOOKED_UP,
    PLACE_COLUMNS,
    Row,
    View,
    first_guardian,
    place,
    stored_array,
    stored_json,
)


class ReturnToSchoolLedger(View):
    """Rows stay after close-out; the ``ever_`` columns are what the totals count."""

    name = "return_to_school_ledger"
    columns = (
        *PLACE_COLUMNS,
        ("sex", "text"),
        ("id_number", "text"),
        ("registered_residence", "text"),
        ("home_address", "text"),
        ("guardian_name", "text"),
        ("guardian_phone", "text"),
        ("episode", "integer"),
        ("dropout_month", "text"),
        ("reason", "text"),
        ("reasons", "text[]"),
        ("support_taken", "text"),
        ("attempts", "jsonb"),
        ("suspected_on", "date"),
        ("returned_on", "date"),
        ("observed_until", "date"),
        ("relapsed", "boolean"),
        ("closed_on", "date"),
        ("ever_returned", "boolean"),
        ("ever_dropped_out", "boolean"),
    )
    indexes = (*LOOKED_UP, "since (since)", "ended (until) WHERE until IS NOT NULL")
    totals: ClassVar[Mapping[str, str]] = {
        "suspected": "true",
        "returned": "ever_returned",
        "dropped_out": "ever_dropped_out",
        "relapsed": "relapsed",
        "closed": "closed_on IS NOT NULL",
    }

    def all_keys(self, child: Child) -> Iterable[int]:
        return (n for n in episode_numbers(child) if _needed_persuasion(child, n))

    def keys(self, child: Child, entry: Entry) -> Iterable[int]:  # noqa: ARG002
        return (n for n in touched_episodes(child.student) if _needed_persuasion(child, n))

    def row(self, child: Child, key: int) -> Row:
        case = case_file(child, key)
        episode, enrolment = case.episode, child.enrolment
        reasons = case.reasons
        opened, day, *where, _, groups, name = place(
            child, case.last, case.opened, episode.first_absent_on
        )
        return (
            *(opened, day, *where, episode.status, groups, name),
            enrolment.sex,
            enrolment.id_number,
            enrolment.registered_residence,
            enrolment.home_address,
            *first_guardian(child),
            episode.number,
            episode.first_absent_on.isoformat()[:7],
            reasons[0] if reasons else None,
            stored_array(tuple(reasons)),
            case.support_taken,
            stored_json(
                [
                    {
                        "attempt_no": number,
                        "persuaded_on": attempt.occurred_on,
                        "persuaders": attempt.persuaders,
                        "outcome": attempt.outcome,
                    }
                    for number, attempt in enumerate(case.attempts, start=1)
                ]
            ),
            episode.suspected_on,
            episode.seen_on,
            episode.observed_until,
            episode.relapsed,
            episode.closed_on,
            "returned" in episode.reached,
            "dropped_out" in episode.reached,
        )


def _needed_persuasion(child: Child, number: int) -> bool:
    return "suspected" in child.student.state.episodes[number - 1].reached
