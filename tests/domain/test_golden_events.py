"""Every entry ever stored loads for ever, under the same topic, with the same fields and days."""

from dataclasses import fields
from datetime import date

import pytest
from eventsourcing.utils import resolve_topic

from application.store.mapper import NOT_STORED
from domain.entry import Entry
from domain.student import Student
from tests.domain.golden.add import add, entry_from, read, stored_again

# To add an example: python -m tests.domain.golden.add <topic> '<state as JSON>'
GOLDEN = read()


def every_event(of=Entry):
    for event in of.__subclasses__():
        yield event
        yield from every_event(event)


EVENTS = [
    event
    for event in every_event()
    # The library's own first event of an aggregate is never recorded: Enrolled is the first.
    if event.__module__.startswith("domain.") and event is not getattr(Student, "Created", None)
]


def version_of(event):
    return getattr(event, "class_version", 1)


def named(example):
    return example["topic"]


@pytest.fixture(params=GOLDEN, ids=named)
def example(request):
    return request.param


def test_an_entry_once_stored_loads_as_the_class_of_its_topic(example):
    entry = entry_from(example["topic"], example["state"])

    assert type(entry) in EVENTS
    assert example["topic"] == type(entry).TOPIC


def test_an_entry_once_stored_is_stored_again_in_the_same_words(example):
    event = resolve_topic(example["topic"])
    stored = stored_again(entry_from(example["topic"], example["state"]))

    if example["state"].get("class_version", 1) == version_of(event):
        assert stored == example["state"]
    else:
        assert stored["class_version"] == version_of(event)


def test_the_days_of_an_entry_once_stored_are_days(example):
    loaded = vars(entry_from(example["topic"], example["state"]))

    assert sorted(name for name, value in loaded.items() if type(value) is date) == example["days"]


def test_no_field_of_an_entry_once_stored_is_forgotten(example):
    event = resolve_topic(example["topic"])
    loaded = set(vars(entry_from(example["topic"], example["state"])))

    assert loaded <= {field.name for field in fields(event)}


def test_an_entry_once_stored_can_be_remembered(example):
    entry = entry_from(example["topic"], example["state"])

    student = entry.mutate(None)

    assert isinstance(student, Student)
    assert student.entries == [entry]
    assert student.version == 1


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TOPIC)
def test_every_kind_of_entry_has_an_example_of_each_version_and_of_every_field(event):
    told: dict[int, set[str]] = {}
    for example in GOLDEN:
        if example["topic"] == event.TOPIC:
            version = example["state"].get("class_version", 1)
            told.setdefault(version, set()).update(example["state"])

    assert sorted(told) == list(range(1, version_of(event) + 1))
    assert told[version_of(event)] - {"class_version"} == {
        field.name for field in fields(event) if field.name not in NOT_STORED
    }


def test_a_topic_belongs_to_one_kind_of_entry():
    assert len({event.TOPIC for event in EVENTS}) == len(EVENTS)
    assert all(f"student.{event.entry_kind()}" == event.TOPIC for event in EVENTS)


# Adding to the golden file ------------------------------------------------------------------

ANSWERED = {
    "occurred_on": "2026-10-15",
    "by": GOLDEN[0]["state"]["by"],
    "referral": 4,
    "answer": "已转办",
}


@pytest.fixture
def file(tmp_path):
    copy = tmp_path / "events.json"
    add(GOLDEN[0]["topic"], GOLDEN[0]["state"], copy)
    return copy


def test_an_example_is_added_and_the_others_stay_as_they_are(file):
    before = file.read_text(encoding="utf-8")

    add("student.referral_answered", ANSWERED, file)

    assert file.read_text(encoding="utf-8").startswith(before.removesuffix("\n]\n"))
    assert read(file) == [
        GOLDEN[0],
        {"topic": "student.referral_answered", "days": ["occurred_on"], "state": ANSWERED},
    ]


@pytest.mark.parametrize(
    "state", [GOLDEN[0]["state"], {**GOLDEN[0]["state"], "note": None}], ids=["again", "not-stored"]
)
def test_an_example_that_would_say_nothing_new_or_nothing_true_is_not_added(file, state):
    before = file.read_bytes()

    with pytest.raises(ValueError, match=r"student\.enrolled"):
        add("student.enrolled", state, file)

    assert file.read_bytes() == before


def test_what_a_correction_says_is_of_the_first_shape_of_an_entry():
    """Until corrections say of which shape they speak, no entry takes a second one (README)."""
    assert {version_of(event) for event in EVENTS} == {1}
