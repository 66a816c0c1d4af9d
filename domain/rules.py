"""Thresholds and deadlines of the case, as dated data; decided once and written into the entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from domain.calendar import Calendar, default_calendar

# D [config]: what a unit is sent of a child's record, by the kind of referral; names of `GET
# /v1/students/{id}`. Another kind, and none, sends the name alone.
WHO = ("name", "sex", "school")
REFERRAL_FIELDS = {
    "whereabouts": (*WHO, "grade", "class_name", "guardians", "home_address"),
    "search": (
        *(*WHO, "birth_date", "id_number", "guardians", "home_address"),
        *("registered_residence", "first_absent_on"),
    ),
    "hardship": (*WHO, "guardians", "home_address", "registered_residence"),
    "disability": (*WHO, "birth_date", "guardians", "home_address", "disability"),
    "child_labour": (*WHO, "birth_date", "guardians", "first_absent_on"),
    "legal_help": (*WHO, "guardians", "home_address"),
    "other": ("name",),
}


@dataclass(frozen=True)
class Rules:
    """
    The rules in force from one day on.

    Counts are school days (上学日) unless a name says ``days``. Source marks as in domain.md
    section 3: P practice, D design, all configurable per district.
    """

    in_force_from: date
    first_visit_school_days: int = 1  # P: first home visit within one school day
    principal_visit_school_days: int = 5  # D [config]: led by the principal, from the suspicion
    written_report_school_days: int = 3  # P: Yunnan 2022 rule; others say 5, 7 days, 4 weeks
    persuasion_every_days: int = 7  # D: at least weekly while suspected
    persuasion_rests_in_holidays: bool = True  # D [config]: due on the first school day after
    observation_ladder: tuple[int, ...] = (1, 7, 15, 30)  # D: checks after the return
    screening_school_days: int = 1  # domain.md section 3: watched from the first absent day on
    no_show_school_days: int = 5  # D [config]: the first week, from the day to report on
    order_days: int = 7  # P: due date practice of an order to correct
    close_out_decision_school_days: int = 5  # D
    transfer_answer_school_days: int = 5  # D
    escalate_after_school_days: int = 3  # D [config]: a missed duty goes up a level, each time
    missing_papers_school_days: int = 10  # D [config]: papers of a roll change come by then
    adult_age: int = 18  # L: 民法典 art. 17
    school_age: int = 6  # L: 义务教育法 art. 11; seven where conditions are lacking
    school_age_by: tuple[int, int] = (8, 31)  # P: month and day, before the school year begins
    retention_years: int = 3  # D [config]: after the child left school here, or came of age
    retention_years_after_case: int = 5  # D [config]: after the last close-out
    roll_call_retention_years: int = 3  # D [config]: of roll-calls, after their day
    referral_fields: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: REFERRAL_FIELDS)
    referral_answer_days: int = 10  # D [config]: by then a unit answers in time (季度末报送)
    return_cut_off_day: int = 25  # S1 [config]: 学生流动情况月报表 by the 25th of each month
    calendar: Calendar = field(default_factory=default_calendar)

    def observation_ends(self, seen_on: date) -> date:
        """Return the last school day of the observation that starts with ``seen_on``."""
        return self.calendar.school_day_after(seen_on, self.observation_ladder[-1])

    def observation_checks(self, seen_on: date) -> list[date]:
        """Return the school days on which the ladder asks for a check."""
        return [self.calendar.school_day_after(seen_on, n) for n in self.observation_ladder]


@dataclass(frozen=True)
class RuleBook:
    """All rules ever in force, oldest first."""

    editions: tuple[Rules, ...]

    def on(self, day: date) -> Rules:
        """Return the rules in force on a day; before the first edition, the first."""
        chosen = self.editions[0]
        for edition in self.editions:
            if edition.in_force_from <= day:
                chosen = edition
        return chosen


DEFAULT_RULES = RuleBook(editions=(Rules(in_force_from=date(2021, 9, 1)),))
