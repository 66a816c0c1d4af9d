"""The history between two moments: what was recorded after the one and up to the other."""

from itertools import combinations
from typing import Any

from tests.api.reading import looks, told
from tests.api.test_difference import life
from tests.api.test_time_travel import before, moments
from tests.people import Caller

__all__ = ["life"]


async def history(caller: Caller, child: str, query: str, position: int = 0) -> list[Any]:
    path = f"/v1/students/{child}/history?limit=500&{query}"
    return (await caller.fresh(path, position))["items"]


async def test_the_history_between_two_moments_holds_what_was_recorded_between(bureau, child, life):
    recorded = await moments(bureau, child)
    whole = await history(bureau, child, "")
    about = await history(bureau, child, "happened_by=2026-09-17")
    then = await history(bureau, child, f"as_of={recorded[9]}")
    for first, last in combinations((0, 2, 9, 10, 18), 2):
        between = f"from={recorded[first]}&to={recorded[last]}"
        assert await history(bureau, child, between) == whole[first + 1 : last + 1]
        assert await history(bureau, child, f"{between}&happened_by=2026-09-17") == [
            entry for entry in about if first + 1 < entry["version"] <= last + 1
        ]
        for cut in (f"as_of={recorded[9]}", "version=10"):
            assert await history(bureau, child, f"{between}&{cut}") == [
                entry for entry in then if first + 1 < entry["version"] <= last + 1
            ]
    assert await history(bureau, child, f"from={recorded[18]}") == []
    assert await history(bureau, child, f"to={before(recorded[0])}") == []
    assert await history(bureau, child, f"from={before(recorded[0])}") == whole
    assert await history(bureau, child, f"to={recorded[4]}&from={recorded[4]}") == []


async def test_it_pages_and_is_logged_and_refused_like_the_whole(bureau, child, life, app):
    recorded = await moments(bureau, child)
    path = f"/v1/students/{child}/history"
    for about in ("", "&happened_by=2026-10-30"):
        query = f"from={recorded[1]}&to={recorded[8]}{about}"
        seen, cursor = [], ""
        while True:
            page = (await bureau.get(f"{path}?{query}&limit=3{cursor}")).json()
            seen += page["items"]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert seen == await history(bureau, child, query)
        assert [entry["version"] for entry in seen] == list(range(3, 10))
    (line,) = (await looks(app, "details"))[-1]
    assert line["filters"].keys() == {"from", "to", "happened_by"}
    for query, expected in {
        "from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z": (422, "malformed"),
        "from=2026-02-30T00:00:00Z": (422, "malformed"),
        "to=today": (422, "malformed"),
        "to=%00": (400, "unreadable-query"),
    }.items():
        assert told(await bureau.get(f"{path}?{query}")) == expected, query
    for query in ("from=0001-01-01T00:00:00%2B14:00", "to=9999-12-31T23:59:59-14:00"):
        assert (await bureau.get(f"{path}?{query}")).status_code == 200, query


async def test_restricted_and_erased_children_have_such_a_history_too(district, sign_in):
    auditor = await sign_in("auditor")
    for name in ("restricted, reported", "erased"):
        child = district.id_of(name)
        whole = await history(auditor, child, "", district.position)
        between = f"from={whole[1]['recorded_at']}&to={whole[3]['recorded_at']}"
        assert await history(auditor, child, between.replace("+", "%2B")) == whole[2:4], name


async def test_of_an_erased_child_too_the_history_is_told_as_of_a_version_or_a_moment(
    district, sign_in
):
    auditor, child = await sign_in("auditor"), district.id_of("erased")
    whole = await history(auditor, child, "", district.position)
    for known in range(1, len(whole) + 1):
        moment = whole[known - 1]["recorded_at"].replace("+", "%2B")
        assert await history(auditor, child, f"version={known}") == whole[:known]
        assert await history(auditor, child, f"as_of={moment}") == whole[:known]
    path = f"/v1/students/{child}/history?as_of=2001-01-01T00:00:00Z"
    assert told(await auditor.get(path)) == (404, "unknown-child")


async def test_who_may_not_is_told_so_before_what_is_wrong_with_the_question(
    registrar, sign_in, child
):
    teacher2, inspector = await sign_in("teacher2"), await sign_in("inspector")
    for part in ("history", "difference"):
        wrong = f"/v1/students/{child}/{part}?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z"
        assert told(await teacher2.get(wrong)) == (403, "out-of-reach")
        revealing = f"{wrong}&reveal=true&reason=x"
        assert told(await inspector.get(revealing)) == (403, "not-allowed")
        assert told(await inspector.get(wrong)) == (422, "malformed")
        assert told(await registrar.get(wrong)) == (422, "malformed")
