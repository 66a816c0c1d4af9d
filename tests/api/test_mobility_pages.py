"""Pages of the mobility ledger hold both rows of an entry, wherever a page ends."""

import pytest

from tests.people import PRIMARY, enrol


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
async def test_an_entry_that_is_two_rows_loses_none_between_two_pages(bureau, limit):
    for serial in (1, 2, 3):
        await enrol(bureau, serial, school_code=PRIMARY, grade=2)
    moved = await bureau.post(f"/v1/schools/{PRIMARY}/promotions", {})
    path = f"/v1/ledgers/mobility?limit={limit}"
    whole = (await bureau.fresh("/v1/ledgers/mobility", moved.json()["position"]))["items"]
    rows, cursor, pages = [], "", 0
    while cursor is not None:
        page = (await bureau.get(path + cursor)).json()
        rows += page["items"]
        pages += 1
        assert len(page["items"]) <= max(limit, 2)
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"

    assert len(whole) == 9
    assert rows == whole
    assert pages <= 9
