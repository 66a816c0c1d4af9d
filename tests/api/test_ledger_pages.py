"""Pages of a ledger lose and repeat nothing; its filters, totals and files see every row."""

import asyncio

import pytest

from api.ledger_forms import FORMS
from tests.api.reading import items, table
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL, enrol


@pytest.fixture
async def district(registrar, teacher, principal, bureau, sign_in) -> tuple[dict[str, str], int]:
    """Five cases that end differently, one of them at another school; and the last position."""
    registrar2 = await sign_in("registrar2")
    names = ("watched", "returned", "relapsed", "dropped", "other")
    made = {}
    for serial, name in enumerate(names, start=1):
        who, school = (registrar2, OTHER_SCHOOL) if name == "other" else (registrar, SCHOOL)
        groups = [{"code": "migrant", "source": "排查", "purpose": "关爱"}]
        marked = {"key_groups": groups} if name == "dropped" else {}
        child = made[name] = (await enrol(who, serial, school_code=school, **marked))["student_id"]
        first = "2026-10-09" if name == "dropped" else "2026-09-14"
        await who.record(child, "absence-flags", first_absent_on=first)
    for name in names[1:]:
        who = registrar2 if name == "other" else registrar
        day = {"occurred_on": "2026-10-20"} if name == "dropped" else {}
        await who.record(made[name], "suspicions", **day)
        await who.record(made[name], "persuasion-attempts", **day)
    for name in ("returned", "relapsed", "other"):
        await (registrar2 if name == "other" else registrar).record(made[name], "returns")
    await teacher.record(made["relapsed"], "absence-flags", first_absent_on="2026-10-12")
    await teacher.record(made["dropped"], "dropout-marks")
    last = await bureau.record(made["dropped"], "dropout-confirmations")
    return made, last["position"]


async def test_the_first_page_totals_every_episode_that_ever_reached_a_state(
    bureau, principal, sign_in, district
):
    _, last = district
    all_of = {"suspected": 5, "returned": 3, "dropped_out": 1, "relapsed": 1, "closed": 0}
    other = {"suspected": 1, "returned": 1, "dropped_out": 0, "relapsed": 0, "closed": 0}
    own = {key: all_of[key] - other[key] for key in all_of}
    path = "/v1/ledgers/return-to-school"
    for caller, query, totals in (
        (bureau, "", all_of),
        (bureau, "limit=1", all_of),
        (bureau, f"school_code={OTHER_SCHOOL}", other),
        (bureau, "township=晴川镇", own),
        (principal, "", own),
        (await sign_in("principal2"), "limit=1", other),
    ):
        assert (await caller.fresh(f"{path}?{query}", last))["totals"] == totals, query
    first = await bureau.fresh(f"{path}?limit=1", last)
    second = await bureau.fresh(f"{path}?limit=1&cursor={first['next_cursor']}", last)
    assert (len(second["items"]), "totals" in second) == (1, False)
    assert "totals" not in await bureau.fresh("/v1/ledgers/dropout-control", last)


async def test_rows_are_filtered_by_place_status_day_and_mark(bureau, district):
    made, last = district
    here = {made[name] for name in ("watched", "returned", "relapsed", "dropped")}
    september = set(made.values()) - {made["dropped"]}
    for query, expected in {
        f"school_code={SCHOOL}": here,
        f"school_code={PRIMARY}": set(),
        "township=云溪镇": {made["other"]},
        "status=watched": {made["watched"]},
        "status=returned": {made["returned"], made["other"]},
        "status=dropped_out": {made["dropped"]},
        "key_group=migrant": {made["dropped"]},
        "key_group=orphan": set(),
        "from=2026-09-01&to=2026-09-30": september,
        "from=2026-10-09&to=2026-10-09": {made["dropped"]},
        "from=2026-10-01": {made["dropped"], made["relapsed"]},
        "to=2026-09-13": set(),
        "from=2026-10-02&to=2026-10-01": set(),
        f"status=watched&school_code={OTHER_SCHOOL}": set(),
    }.items():
        rows = await items(bureau, f"/v1/ledgers/dropout-control?{query}", last)
        assert {row["student_id"] for row in rows} == expected, query
        _, *lines = await table(bureau, f"/v1/ledgers/dropout-control?format=csv&{query}", last)
        assert len(lines) == len(rows), query


@pytest.mark.parametrize("name", FORMS)
async def test_a_filter_that_cannot_be_is_malformed_in_every_ledger_and_form(bureau, name):
    for query in ("from=2026-13-01", "to=2026-13-31", "from=2026-09", "to=2026-02-30"):
        for form in ("json", "csv"):
            answer = await bureau.get(f"/v1/ledgers/{name}?{query}&format={form}")
            assert answer.status_code == 422, (query, form)
            assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


async def test_registers_are_filtered_by_the_day_it_was_done(bureau, teacher, child):
    for day in ("2026-08-31", "2026-09-01", "2026-09-30", "2026-10-01"):
        last = await teacher.record(child, "home-visits", occurred_on=day)

    path = "/v1/ledgers/home-visits?from=2026-09-01&to=2026-09-30"
    rows = await items(bureau, path, last["position"])

    assert [row["visited_on"] for row in rows] == ["2026-09-01", "2026-09-30"]


async def test_pages_over_rows_of_one_child_and_one_day_lose_and_repeat_nothing(
    bureau, teacher, child
):
    for _ in range(7):
        last = (await teacher.record(child, "home-visits"))["position"]
    seen, cursor = [], ""
    for _ in range(8):
        page = await bureau.fresh(f"/v1/ledgers/home-visits?limit=3{cursor}", last)
        seen += [row["entry"] for row in page["items"]]
        last = (await teacher.record(child, "home-visits"))["position"]  # one more, meanwhile
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert seen[:7] == list(range(2, 9))
    assert len(seen) == len(set(seen))


async def test_a_row_that_changes_between_two_pages_is_read_once(bureau, registrar, district):
    made, last = district
    path = "/v1/ledgers/dropout-control?limit=2"
    first = await bureau.fresh(path, last)
    done = await registrar.record(made["watched"], "suspicions")
    rest = await items(
        bureau, f"/v1/ledgers/dropout-control?cursor={first['next_cursor']}", done["position"]
    )

    seen = [(row["student_id"], row["episode"]) for row in first["items"]]
    more = await bureau.fresh(
        f"/v1/ledgers/dropout-control?limit=500&cursor={first['next_cursor']}", done["position"]
    )
    seen += [(row["student_id"], row["episode"]) for row in more["items"]]
    assert rest
    assert len(seen) == len(set(seen)) == 6


async def test_a_page_as_large_as_the_ledger_is_the_last(bureau, district):
    _, last = district
    exact = await bureau.fresh("/v1/ledgers/dropout-control?limit=6", last)
    short = await bureau.fresh("/v1/ledgers/dropout-control?limit=5", last)

    assert (len(exact["items"]), exact["next_cursor"]) == (6, None)
    assert len(short["items"]) == 5
    after = f"/v1/ledgers/dropout-control?cursor={short['next_cursor']}"
    assert len((await bureau.fresh(after, last))["items"]) == 1


async def test_a_file_of_many_pages_is_whole_and_numbered_through(bureau, registrar):
    children = [(await enrol(registrar, serial))["student_id"] for serial in range(1, 11)]
    for _ in range(51):
        done = await asyncio.gather(*(registrar.record(child, "home-visits") for child in children))
    last = max(answer["position"] for answer in done)

    _, *lines = await table(bureau, "/v1/ledgers/home-visits?format=csv", last)

    assert [line[0] for line in lines] == [str(number) for number in range(1, 511)]


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_two_rows_of_one_entry_are_never_parted(bureau, registrar, limit):
    for serial in (1, 2):
        await enrol(registrar, serial)
    done = (await bureau.post(f"/v1/schools/{SCHOOL}/promotions", {})).json()  # out of 7, into 8
    path, found, cursor = f"/v1/ledgers/mobility?limit={limit}", [], ""
    while cursor is not None:
        page = await bureau.fresh(f"{path}{cursor and '&cursor='}{cursor}", done["position"])
        found += [(row["student_id"], row["entry"], row["way"]) for row in page["items"]]
        cursor = page["next_cursor"]

    assert len(found) == len(set(found)) == 6
