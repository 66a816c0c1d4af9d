"""控辍保学台账: one row per episode, the watched ones included, in the column order of the form."""

from collections.abc import Iterable

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
)


class DropoutControlLedger(View):
    """Beside the form's columns, those of the 疑似辍学 and 辍学台账 and what indicators count."""

    name = "dropout_control_ledger"
    columns = (
        *PLACE_COLUMNS,
        ("sex", "text"),
        ("student_number", "text"),
        ("guardian_name", "text"),
        ("guardian_phone", "text"),
        ("episode", "integer"),
        ("first_absent_on", "date"),
        ("found_by", "text"),
        ("reason", "text"),
        ("reasons", "text[]"),
        ("visit_count", "integer"),
        ("persuasion_count", "integer"),
        ("responsible_person", "text"),
        ("escalation_level", "text"),
        ("returned_on", "date"),
        ("relapsed", "boolean"),
        ("closed_on", "date"),
        ("close_reason", "text"),
        ("remark", "text"),
        ("id_number", "text"),
        ("registered_residence", "text"),
        ("home_address", "text"),
        ("last_persuaded_on", "date"),
        ("needed_persuasion_on", "date"),
        ("ever_returned", "boolean"),
        ("dropped_out_on", "date"),
        ("visited_in_person", "boolean"),
    )
    indexes = (
        *LOOKED_UP,
        "persuasion (opened) WHERE needed_persuasion_on IS NOT NULL",
        "dropouts (opened) WHERE dropped_out_on IS NOT NULL",
    )

    def all_keys(self, child: Child) -> Iterable[int]:
        return episode_numbers(child)

    def keys(self, child: Child, entry: Entry) -> Iterable[int]:  # noqa: ARG002
        return touched_episodes(child.student)

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
            enrolment.student_number,
            *first_guardian(child),
            episode.number,
            episode.first_absent_on,
            case.flag.found_by if case.flag else None,
            reasons[0] if reasons else None,
            stored_array(tuple(reasons)),
            len(case.visits),
            len(case.attempts),
            case.responsible,
            episode.level,
            episode.seen_on,
            episode.relapsed,
            episode.closed_on,
            episode.close_reason,
            case.flag.note if case.flag else None,
            enrolment.id_number,
            enrolment.registered_residence,
            enrolment.home_address,
            case.attempts[-1].occurred_on if case.attempts else None,
            case.needed_persuasion_on,
            "returned" in episode.reached,
            case.dropped_out_on,
            case.visited_in_person,
        )
