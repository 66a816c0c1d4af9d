"""A file of evidence is read strictly: what the service would not write is no evidence."""

import json

import pytest

from application.store.evidence import LARGEST_FILE, Bundle, InvalidBundle
from application.store.signed_note import decoded
from tests.proof import PREFECTURE, child, made

LOG = made(4, 2, 3)
BUNDLE = LOG.bundle(child(0), PREFECTURE, earlier=[2, 6])
SAID = json.loads(BUNDLE.told())


def said(*place, to):
    """The file's text with another value at a place."""
    root = json.loads(BUNDLE.told())
    at = root
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = to
    return json.dumps(root)


def test_what_is_written_is_read():
    assert Bundle.read(BUNDLE.told()) == BUNDLE
    assert Bundle.read(LOG.bundle(child(1), key=False).told()).key is None


def test_no_hash_is_written_twice():
    assert len(set(SAID["hashes"])) == len(SAID["hashes"])


def every_name(value, place=()):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*place, name)
            yield from every_name(inner, (*place, name))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from every_name(value[0], (*place, 0))


WRONG = [
    None, True, False, 0, -1, 1.5, 2**63, 2**64, "", "x", "\0", "\ud800", [], {}, [[]], [None],
    [True], [-1], [2**70], [0] * 65, ["AAAA"], [""], {"1": 1}, {"-1": []}, {"01": []}, {"1e3": []},
    "AAAA", "A" * 43 + "=", "A" * 42 + "B=", "9999-99-99T00:00:00Z", "2026-11-25", "Infinity",
    "2026-11-25T24:00:00.000000Z", "2026-11-25T00:00:00+08:00", "x" * 10_001, float("nan"),
    "0190000000007000800000000000000A", str(BUNDLE.student_id).upper() + "A",
]  # fmt: skip
TEXTS = {"topic", "actor", "origin", "checkpoint"}


@pytest.mark.parametrize("place", list(every_name(SAID)), ids=str)
def test_every_part_has_its_shape(place):
    root = json.loads(BUNDLE.told())
    at = root
    for step in place[:-1]:
        at = at[step]
    right = at.pop(place[-1])
    if place[0] != "consistency":
        with pytest.raises(InvalidBundle):
            Bundle.read(json.dumps(root))
    for wrong in WRONG:
        at[place[-1]] = wrong
        if well_shaped(place[-1], right, wrong):
            continue
        with pytest.raises(InvalidBundle):
            Bundle.read(json.dumps(root))


def well_shaped(name, right, wrong):
    """Whether a wrong value is at least of the kind that stands there."""
    if name in TEXTS:
        short = name == "checkpoint" or len(str(wrong)) <= 10_000
        name_like = name != "origin" or wrong
        return isinstance(wrong, str) and wrong not in {"\0", "\ud800"} and short and name_like
    if name == "state":
        return isinstance(wrong, str) and bool(decoded(wrong))
    if name in {"key", "pseudonym", "previous"}:
        return wrong == "A" * 43 + "=" or (name == "key" and wrong is None)
    if name == "erased":
        return wrong is False
    if name == "consistency":
        return wrong == {"1": []}
    return right == wrong or (name in {"2", "6"} and wrong == [])


def test_nothing_else_stands_in_it():
    for place in ((), ("heads",), ("heads", "entry"), ("entries", 0)):
        with pytest.raises(InvalidBundle):
            Bundle.read(said(*place, "more", to=1))


@pytest.mark.parametrize(
    "told",
    ["", "null", "[]", "{}", "1", "nonsense", "[" * 100_000, '{"a":' * 100_000,
     '{"format": NaN}', '{"format": 1e999}', '{"format": -0}', '{"format": ' + "9" * 5_000 + "}",
     "\ufeff" + BUNDLE.told(), BUNDLE.told() + "x", "\ud800"],
    ids=range(15),
)  # fmt: skip
def test_what_is_no_bundle_is_refused(told):
    with pytest.raises(InvalidBundle):
        Bundle.read(told)


def test_one_name_twice_is_refused():
    told = BUNDLE.told()
    with pytest.raises(InvalidBundle, match="twice"):
        Bundle.read(told[:-1] + ',"erased":false}')
    with pytest.raises(InvalidBundle, match="twice"):
        Bundle.read(told.replace('"version":1,', '"version":1,"version":1,', 1))


def test_a_huge_file_is_refused():
    with pytest.raises(InvalidBundle, match="larger"):
        Bundle.read(" " * (LARGEST_FILE + 1))


def test_hashes_are_all_used_once_and_whole():
    hashes = SAID["hashes"]
    for wrong in (
        [*hashes, "A" * 43 + "="],
        [*hashes, hashes[0]],
        hashes[:-1],
        [hashes[0][:-4], *hashes[1:]],
        ["", *hashes[1:]],
        [None, *hashes[1:]],
    ):
        with pytest.raises(InvalidBundle):
            Bundle.read(said("hashes", to=wrong))


def test_a_hash_is_listed_once_even_if_both_are_used():
    root = json.loads(BUNDLE.told())
    root["entries"][0]["proof"][0] = len(root["hashes"])
    root["hashes"].append(root["hashes"][0])
    root["entries"][1]["proof"].append(0)
    with pytest.raises(InvalidBundle, match="twice"):
        Bundle.read(json.dumps(root))


@pytest.mark.parametrize("place", [-1, True, 2**40, 1.0, "0", None, [0]])
def test_a_proof_names_hashes_that_are_there(place):
    for where in (("entries", 0, "proof", 0), ("heads", "path", 0), ("heads", "entry", "proof", 0)):
        with pytest.raises(InvalidBundle):
            Bundle.read(said(*where, to=place))


def test_a_key_and_erasure_exclude_each_other():
    with pytest.raises(InvalidBundle):
        Bundle.read(said("erased", to=True))
