"""Every fact ever stored loads for ever, under the same topic, with the same fields and days."""

from dataclasses import fields
from datetime import date

import pytest
from eventsourcing.utils import resolve_topic

from api.events_cli import label_of
from application.store.mapper import NOT_STORED
from domain.subject import Fact
from projections.fact_words import FACT_WORDS, fact_label
from tests.domain.golden.add import entry_from, read, stored_again
from tests.domain.golden.add_fact import FACTS

# To add an example: python -m tests.domain.golden.add_fact <topic> '<state as JSON>'
GOLDEN = read(FACTS)
KINDS = [kind for kind in Fact.__subclasses__() if kind.__module__.startswith("domain.")]


@pytest.fixture(params=GOLDEN, ids=lambda example: example["topic"])
def example(request):
    return request.param


def test_a_fact_once_stored_loads_and_is_stored_again_in_the_same_words(example):
    fact = entry_from(example["topic"], example["state"])

    assert type(fact) in KINDS
    assert example["topic"] == type(fact).TOPIC
    assert stored_again(fact) == example["state"]
    days = sorted(name for name, value in vars(fact).items() if type(value) is date)
    assert days == example["days"]


def test_a_fact_once_stored_can_be_remembered_by_its_subject(example):
    fact = entry_from(example["topic"], example["state"])

    subject = fact.mutate(None)

    assert isinstance(subject, resolve_topic(example["topic"].partition(".")[0]))
    assert (subject.facts, subject.version) == ([fact], 1)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.TOPIC)
def test_every_kind_of_fact_has_an_example_of_every_field_and_a_name(kind):
    told = set().union(*(one["state"] for one in GOLDEN if one["topic"] == kind.TOPIC))

    assert told == {field.name for field in fields(kind) if field.name not in NOT_STORED}
    assert {fact_label(kind.TOPIC, "zh"), fact_label(kind.TOPIC, "en")} == set(
        FACT_WORDS[kind.TOPIC]
    )


def test_every_fact_with_words_is_a_fact_and_one_without_is_named_as_stored():
    assert {kind.TOPIC for kind in KINDS} == FACT_WORDS.keys()
    assert len({label for words in FACT_WORDS.values() for label in words}) == 2 * len(FACT_WORDS)
    assert label_of("monthly_return.frozen") == "月报:冻结 Monthly return: frozen"
    assert label_of("meeting.held") == fact_label("meeting.held", "zh") == "held"
