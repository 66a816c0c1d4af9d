"""One case from absence to close-out through the API, and what the ledgers then say."""


async def test_a_case_is_followed_from_absence_to_close_out(
    child, teacher, principal, bureau, sign_in
):
    township = await sign_in("township")
    await teacher.record(child, "absence-flags")
    await teacher.record(child, "suspicions")
    await teacher.record(child, "home-visits")
    await teacher.record(child, "persuasion-attempts")
    await principal.record(child, "written-reports")
    order = await township.record(child, "orders")
    served = await township.post(
        f"/v1/students/{child}/orders/{order['entry']}/service",
        {"served_on": "2026-09-23", "served_to": "测大舟", "place": "家中"},
    )
    assert served.status_code == 201
    await teacher.record(child, "returns")
    await teacher.record(child, "observations", occurred_on="2026-11-20")
    await principal.record(child, "close-out-requests")
    done = await bureau.record(child, "close-out-decisions")

    ledger = await bureau.fresh("/v1/ledgers/return-to-school", done["position"])

    assert ledger["totals"] == {
        "suspected": 1,
        "returned": 1,
        "dropped_out": 0,
        "relapsed": 0,
        "closed": 1,
    }
    row = ledger["items"][0]
    assert (row["student_id"], row["status"], row["status_label"]) == (child, "closed", "已销号")
    assert [attempt["outcome"] for attempt in row["attempts"]] == ["agreed"]
    history = await bureau.fresh(f"/v1/students/{child}/history", done["position"])
    assert [entry["kind"] for entry in history["items"]] == [
        "enrolled",
        "absence_flagged",
        "dropout_suspected",
        "home_visited",
        "persuasion_attempted",
        "written_report_filed",
        "order_issued",
        "order_served",
        "returned_to_school",
        "attendance_observed",
        "close_out_requested",
        "close_out_approved",
    ]
