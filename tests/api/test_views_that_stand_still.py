"""What callers and operators are told of a view that stands still, and of one being rebuilt."""

import pytest

from projections.all_views import BY_NAME
from projections.progress import Parked, park, tell_building
from tests.api.reading import told

VISITS = "/v1/ledgers/home-visits"


@pytest.fixture
async def still(app, teacher, child, connection):
    """The register of home visits, parked before an entry that is still to come."""
    service = app.state.service
    await service.freshness.reached(await service.store.head())
    stands = Parked("home_visit_register", 2, "student.home_visited", "ValueError")
    park(connection, stands)
    return stands


async def test_only_its_own_readers_wait_for_a_view_that_stands_still(
    bureau, teacher, child, still, connection, app
):
    done = await teacher.record(child, "home-visits")

    at = {"Min_Log_Position": str(done["position"])}
    behind = await bureau.get(VISITS, **at)
    history = await bureau.get(f"/v1/students/{child}/history", **at)
    roll = await bureau.get("/v1/students", **at)
    old = await bureau.get(VISITS)

    assert told(behind) == (503, "view-behind")
    assert int(behind.headers["retry-after"]) > 0
    assert [answer.status_code for answer in (history, roll, old)] == [200] * 3
    assert len(history.json()["items"]) == 2
    assert (old.json()["items"], old.headers["log-position"]) == ([], "1")

    connection.execute("DELETE FROM views.parked")
    assert len((await bureau.fresh(VISITS, done["position"]))["items"]) == 1


async def test_it_is_named_to_operators_and_the_service_answers_on(client, teacher, child, still):
    await teacher.record(child, "home-visits")

    ready = await client.get("/readyz")
    metrics = (await client.get("/metrics")).text

    assert ready.status_code == 200
    assert ready.json()["status"] == "ready"
    assert ready.json()["views"]["parked"] == [still.told()]
    assert (
        'guixue_view_parked_at{error="ValueError",kind="student.home_visited",'
        'view="home_visit_register"} 2.0' in metrics
    )


async def test_entries_that_do_not_open_are_named_to_operators_and_children_are_not(
    client, teacher, child, connection
):
    connection.execute("SET guixue.preparing = 'on'")
    connection.execute(
        "INSERT INTO views.damaged SELECT student_id, 7, 11 FROM keys.children LIMIT 1"
    )

    ready = await client.get("/readyz")
    metrics = (await client.get("/metrics")).text

    assert ready.json()["views"]["damaged_at"] == [11]
    assert "guixue_children_damaged 1.0" in metrics
    assert child not in ready.text + metrics


async def test_an_outdated_view_is_served_while_its_columns_are_the_same(
    client, bureau, teacher, child, connection, app
):
    service = app.state.service
    await service.freshness.reached(await service.store.head())
    shape = BY_NAME["home_visit_register"].shape()
    outdated = "UPDATE views.progress SET definition = %s WHERE view = 'home_visit_register'"
    connection.execute(outdated, [f"{shape}-older"])

    done = await teacher.record(child, "home-visits")
    old = await bureau.get(VISITS)
    behind = await bureau.get(VISITS, Min_Log_Position=str(done["position"]))
    ready = await client.get("/readyz")

    assert (old.status_code, old.headers["log-position"]) == (200, "1")
    assert told(behind) == (503, "view-behind")
    assert (ready.status_code, ready.json()["views"]["outdated"]) == (200, ["home_visit_register"])

    connection.execute(outdated, ["other-older"])
    ready = await client.get("/readyz")
    assert told(await bureau.get(VISITS)) == (503, "view-behind")
    assert (await bureau.get("/v1/ledgers/counselling")).status_code == 200
    assert (ready.status_code, ready.json()["status"]) == (503, "views are being rebuilt")


async def test_how_far_a_rebuild_is_can_be_seen_from_everywhere(client, app, connection):
    assert (await client.get("/readyz")).json()["views"]["rebuilding"] is None

    with connection.transaction():
        tell_building(connection, 10, 40)
        building = (await client.get("/readyz")).json()["views"]["rebuilding"]
        metrics = (await client.get("/metrics")).text

    assert building == {"done": 10, "events": 40}
    assert "guixue_views_rebuilding 1.0" in metrics
    assert (await client.get("/readyz")).json()["views"]["rebuilding"] is None
