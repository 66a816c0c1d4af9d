"""Every code list has one place, unique codes, labels in both languages and a source."""

import re

import pytest

from domain import codes
from domain.code_list import Code, CodeList
from domain.coded_fields import CODED_FIELDS, KINDS_BY_EVENT
from domain.codes import (
    ABSENCE_KIND,
    CLOSE_REASON,
    CONTACT_LOSS_PAPERS,
    COUNTING_ABSENCE,
    ESCALATION_ORDER,
    HOME_TEACHING_PAPERS,
    IN_PERSON_VISIT,
    OPEN_STATUS,
    PAPER_KIND,
    ROLL_CHANGE,
    STATUS,
    STUDENT_STATUS,
    VISIT_MODE,
    missing_papers,
)
from domain.enrolment_notices import NOTICE_STATE
from domain.no_shows import NO_SHOW_OUTCOME
from domain.roll import APPLIES_TO, STATUS_AFTER
from domain.roll_papers import REGISTERED_CHANGE, ROLL_CHANGE_PAPERS, TRANSFER_ANSWER
from tests.domain.test_golden_events import EVENTS

LISTS = {name: value for name, value in vars(codes).items() if isinstance(value, CodeList)}
LISTS |= {"REGISTERED_CHANGE": REGISTERED_CHANGE, "TRANSFER_ANSWER": TRANSFER_ANSWER}
LISTS |= {"NOTICE_STATE": NOTICE_STATE, "NO_SHOW_OUTCOME": NO_SHOW_OUTCOME}
ODD = [
    "",
    " ",
    "\x00",
    "watched ",
    "WATCHED",
    "９９",
    "C99",
    "x" * 100_000,
    "{status}",
    "__class__",
]


@pytest.fixture(params=sorted(LISTS))
def code_list(request):
    return LISTS[request.param]


def test_there_are_code_lists_here():
    assert len(LISTS) >= 20


def test_a_list_has_a_chinese_name_a_source_and_codes(code_list):
    assert re.search("[一-鿿]", code_list.name)
    assert re.match(r"(S[123]|L|P|D)\b", code_list.source)
    assert len(code_list) >= 2


def test_every_code_has_a_label_in_both_languages(code_list):
    for name, code in code_list.items():
        assert name == code.code
        assert name.isascii()
        assert re.search("[一-鿿]", code.label("zh")), name
        assert re.fullmatch(r"[A-Z][ -~]+", code.label("en")), name


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_two_codes_of_a_list_are_called_the_same(code_list, language):
    labels = [code.label(language) for code in code_list.values()]

    assert sorted(set(labels)) == sorted(labels)


def test_no_two_lists_are_called_the_same():
    names = [code_list.name for code_list in LISTS.values()]

    assert sorted(set(names)) == sorted(names)


def test_a_code_that_stands_twice_is_never_lost_in_silence():
    with pytest.raises(ValueError, match="R01"):
        CodeList("示例", "D", [Code("R01", "甲", "One"), Code("R01", "乙", "Two")])


@pytest.mark.parametrize("word", ODD, ids=range(len(ODD)))
def test_an_unknown_word_names_itself_and_is_in_no_list(word):
    for code_list in LISTS.values():
        assert [code_list.label(word, language) for language in ("zh", "en", "fr")] == [word] * 3
        assert word not in code_list
        assert code_list.get(word) is None


def test_an_unknown_language_is_answered_in_chinese():
    assert STATUS.label("watched", "fr") == "缺勤预警"


# What hangs on the lists --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        (OPEN_STATUS, STATUS),
        (COUNTING_ABSENCE, ABSENCE_KIND),
        (IN_PERSON_VISIT, VISIT_MODE),
        (frozenset().union(*HOME_TEACHING_PAPERS, *CONTACT_LOSS_PAPERS), PAPER_KIND),
        (
            frozenset().union(*(p for groups in ROLL_CHANGE_PAPERS.values() for p in groups)),
            PAPER_KIND,
        ),
        (frozenset().union(*(reason.papers for reason in CLOSE_REASON.values())), PAPER_KIND),
        (frozenset().union(*(reason.fits for reason in CLOSE_REASON.values())), OPEN_STATUS),
        (frozenset(STATUS_AFTER), ROLL_CHANGE),
        (frozenset(STATUS_AFTER.values()), STUDENT_STATUS),
        (frozenset(APPLIES_TO), ROLL_CHANGE),
        (frozenset().union(*APPLIES_TO.values()), STUDENT_STATUS),
    ],
    ids=range(11),
)
def test_what_is_said_of_codes_is_said_of_codes_there_are(part, whole):
    assert part
    assert part <= set(whole)


def test_only_these_absences_count_towards_suspicion():
    assert {"truancy", "not_reported", "out_of_contact"} == COUNTING_ABSENCE


def test_only_these_visits_are_in_person():
    assert {"at_home", "away", "joint"} == IN_PERSON_VISIT


def test_the_levels_rise_from_school_to_law():
    assert ESCALATION_ORDER == ("school", "township", "bureau", "legal")


def test_expulsion_and_withdrawal_are_not_offered():
    labels = " ".join(code.zh for code in REGISTERED_CHANGE.values())

    assert "退学" not in labels
    assert "开除" not in labels


def test_contact_loss_is_a_status_and_no_close_out_reason():
    assert "unreachable" in OPEN_STATUS
    assert "C12" not in CLOSE_REASON


def test_every_close_out_reason_but_the_ruled_out_warning_demands_a_paper():
    assert [code for code, reason in CLOSE_REASON.items() if not reason.papers] == ["C13"]


def test_one_paper_of_each_group_is_enough():
    either, other = HOME_TEACHING_PAPERS

    assert missing_papers(HOME_TEACHING_PAPERS, []) == (either, other)
    assert missing_papers(HOME_TEACHING_PAPERS, ["medical_proof", "other"]) == (other,)
    assert missing_papers(HOME_TEACHING_PAPERS, ["guardian_application", "medical_proof"]) == ()
    assert missing_papers((), []) == ()


def test_the_kinds_of_an_entry_name_a_field_it_has():
    fields = {(event.entry_kind(), name) for event in EVENTS for name in event.__dataclass_fields__}

    assert set(KINDS_BY_EVENT) <= fields


def test_a_coded_field_shows_one_of_the_lists_here():
    assert {id(code_list) for code_list in CODED_FIELDS.values()} <= {
        id(code_list) for code_list in LISTS.values()
    }
