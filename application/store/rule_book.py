"""The rule book as of a position of the log: what the program knows, and what was put in force."""

from itertools import takewhile
from typing import Any

from application.store.log import Log
from application.store.mapper import EntryMapper
from application.store.streams import stream_of
from domain.district_rules import DistrictRules
from domain.rules import DEFAULT_RULES, RuleBook

STREAM = stream_of(DistrictRules.SUBJECT)


def book_at(log: Log, upto: int) -> RuleBook:
    """Give the rule book as of a position of the log, as far as its facts open."""
    stored = log.before({STREAM: 2**62}).get(STREAM, [])
    sound = takewhile(lambda one: one.position <= upto and not one.damaged, stored)
    mapper = EntryMapper()
    facts: list[Any] = [mapper.to_domain_event(one) for one in sound]
    return DistrictRules.of(STREAM, facts[0].timestamp, facts).book if facts else DEFAULT_RULES
