"""Every refusal has a name of its own and a sentence in both languages, and some test meets it."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from domain import (
    inspection_refusals,
    refusals,
    return_refusals,
    rules_refusals,
    supervision_refusals,
)
from domain.refusals import Refusal

HERE = Path(__file__)
ROOT = HERE.parents[2]
REFUSALS = {
    name: value
    for name, value in {
        **vars(refusals),
        **vars(return_refusals),
        **vars(inspection_refusals),
        **vars(supervision_refusals),
        **vars(rules_refusals),
    }.items()
    if isinstance(value, type) and issubclass(value, Refusal) and value is not Refusal
}
# These know or play every refusal and prove none.
NOT_A_PROOF = {HERE.name, "test_state_machine.py", "conftest.py"}


def names_in(file):
    """The names a file works with, other than by importing them."""
    return {
        node.id
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Name)
    }


def raised_in(*folders):
    """The refusals a layer makes, each with where and with which facts."""
    raised: dict[str, list[tuple[str, set[str] | None]]] = {}
    for file in sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            call = node.exc if isinstance(node, ast.Raise) else node
            made, keywords = (
                (call.func, call.keywords) if isinstance(call, ast.Call) else (call, None)
            )
            if keywords is None and not isinstance(node, ast.Raise):
                continue
            name = getattr(made, "attr", getattr(made, "id", None))
            if name in REFUSALS:
                facts = {keyword.arg for keyword in keywords or []}
                # Facts spread from a function are filled in by the tests of that rule.
                place = f"{file.name}:{node.lineno}"
                raised.setdefault(name, []).append((place, None if None in facts else facts))
    return raised


BY_THE_DOMAIN = raised_in("domain")
BY_THE_SERVICE = raised_in("application", "api")
PROVED = set().union(
    *(names_in(file) for file in HERE.parent.glob("*.py") if file.name not in NOT_A_PROOF)
)


@pytest.fixture(params=sorted(REFUSALS))
def refusal(request):
    return REFUSALS[request.param]


def facts_wanted(template):
    return {field for _, field, _, _ in Formatter().parse(template) if field is not None}


def test_there_are_refusals_here():
    assert len(REFUSALS) >= 35


def test_a_refusal_says_a_whole_sentence_in_both_languages(refusal):
    assert re.search("[一-鿿]", refusal.zh)
    assert refusal.zh.endswith(("。", "{why_zh}"))
    assert re.match("[A-Z“{]", refusal.en)
    assert refusal.en.endswith((".", "{why_en}"))
    assert not re.search("[一-鿿]", refusal.en)


def test_the_sentences_fill_in_with_its_facts_and_leave_nothing_open(refusal):
    wanted = facts_wanted(refusal.zh) | facts_wanted(refusal.en)
    said = refusal(**{name: f"<{name}>" for name in wanted})

    for language in ("zh", "en"):
        assert not re.search("[{}]", said.sentence(language))
        for name in facts_wanted(getattr(refusal, language)):
            assert f"<{name}>" in said.sentence(language)
    assert str(said) == said.sentence("en")


def test_both_languages_tell_the_same_facts(refusal):
    def bare(template):
        return {re.sub("_(zh|en)$", "", name) for name in facts_wanted(template)}

    assert bare(refusal.zh) == bare(refusal.en)


def test_what_people_typed_is_repeated_as_it_is():
    said = refusals.NoSuchEntry(entry="{entry} {0} %s \x00")

    assert "{entry} {0} %s \x00" in said.sentence("zh")


def test_an_unknown_language_is_answered_in_chinese():
    assert refusals.NoOpenEpisode().sentence("fr") == refusals.NoOpenEpisode.zh


def test_every_slug_is_the_refusals_own():
    slugs = {refusal.slug for refusal in REFUSALS.values()}

    assert len(slugs) == len(REFUSALS)
    assert all(re.fullmatch("[a-z]+(-[a-z]+)*", slug) for slug in slugs)


def test_no_two_refusals_say_the_same():
    assert len({refusal.zh for refusal in REFUSALS.values()}) == len(REFUSALS)
    assert len({refusal.en for refusal in REFUSALS.values()}) == len(REFUSALS)


def test_a_slug_is_the_name_in_small_letters():
    assert refusals.ReturnBeforeAbsence.slug == "return-before-absence"
    assert refusals.NoOpenEpisode.slug == "no-open-episode"


# Where they are raised ----------------------------------------------------------------------


def test_every_refusal_is_raised_somewhere():
    assert set(REFUSALS) == BY_THE_DOMAIN.keys() | BY_THE_SERVICE.keys()


@pytest.mark.parametrize("name", sorted(BY_THE_DOMAIN))
def test_every_refusal_of_the_domain_is_met_by_one_of_its_tests(name):
    assert name in PROVED


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_a_refusal_is_raised_with_every_fact_its_sentences_name(name):
    wanted = facts_wanted(REFUSALS[name].zh) | facts_wanted(REFUSALS[name].en)
    raised = [*BY_THE_DOMAIN.get(name, []), *BY_THE_SERVICE.get(name, [])]

    assert [place for place, facts in raised if facts is not None and not wanted <= facts] == []
