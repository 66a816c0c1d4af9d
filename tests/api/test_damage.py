"""What a caller is told when a record was tampered with, or the views are not there."""

import pytest

from tests.api.reading import looks, told
from tests.people import enrol


@pytest.fixture
async def damaged(teacher, child, connection):
    """A child whose second entry somebody altered in the database."""
    await teacher.record(child, "home-visits")
    connection.execute("SET guixue.preparing = 'on'")
    connection.execute("ALTER TABLE log.stored_events DISABLE TRIGGER append_only")
    connection.execute(
        "UPDATE log.stored_events SET state = set_byte(state, 30, get_byte(state, 30) # 1)"
        " WHERE originator_id = %s AND originator_version = 2",
        [child],
    )
    return child


async def test_a_record_that_does_not_open_is_named_and_not_acted_on(
    bureau, teacher, damaged, registrar, app, head
):
    before = await head()
    app.state.service.tracking.lately.clear()  # nobody here has recorded for the child lately
    answers = [
        await bureau.get(f"/v1/students/{damaged}"),
        await bureau.get(f"/v1/students/{damaged}/history"),
        await bureau.get(f"/v1/students/{damaged}/history/1"),
        await teacher.get(f"/v1/students/{damaged}/duties"),
        await teacher.post(f"/v1/students/{damaged}/observations", {"attending": True}),
    ]

    assert {told(answer) for answer in answers} == {(503, "record-damaged")}
    assert "第 2 条" in answers[0].json()["detail"]
    assert await head() == before
    assert "shown" not in [outcome for _, outcome in await looks(app, "action", "outcome")]


async def test_others_are_read_on_while_one_record_is_damaged(registrar, damaged, bureau):
    other = (await enrol(registrar, 2))["student_id"]

    assert (await bureau.get(f"/v1/students/{other}")).status_code == 200


async def test_views_that_are_not_there_are_said_and_never_an_empty_list(
    bureau, child, app, connection, client
):
    head = await app.state.service.store.head()
    await app.state.service.freshness.reached(head)
    connection.execute("DELETE FROM views.progress WHERE view = 'students'")

    ready = await client.get("/readyz")
    listed = await bureau.get("/v1/students")
    metrics = await client.get("/metrics")

    assert {told(listed)} <= {(503, "view-behind"), (200, None)}
    if listed.status_code == 200:  # they were rebuilt meanwhile
        assert [item["student_id"] for item in listed.json()["items"]] == [child]
    assert ready.status_code in {200, 503}
    assert metrics.status_code == 200
    await app.state.service.freshness.reached(head, 10)
    again = await bureau.get("/v1/students")
    assert [item["student_id"] for item in again.json()["items"]] == [child]


async def test_metrics_and_output_name_no_child(bureau, client, child, capfd):
    word = "金丝雀canary"
    await bureau.get(f"/v1/students?q={word}")
    await bureau.get(f"/v1/students/{child}?reveal=true&reason={word}")
    await bureau.get(f"/v1/students/{word}")
    await bureau.post(f"/v1/students/{child}/home-visits", {"visitors": word, word: word})
    await client.post("/v1/token", data={"username": word, "password": word})

    metrics = (await client.get("/metrics")).text
    said = "".join(capfd.readouterr())

    for text in (metrics, said):
        assert "canary" not in text
        assert child not in text
