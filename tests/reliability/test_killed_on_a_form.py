"""A service killed while forms are sent: each is recorded whole or not at all, and its key once."""

import signal
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx

from tests.people import PASSWORD
from tests.reliability.processes import until
from tests.reliability.test_service_process import children_in, enrol

SAME = {"Sec-Fetch-Site": "same-origin"}
VISIT = {"occurred_on": "2026-11-20", "mode": "at_home", "visitors": "测甲", "met": "guardian"}
SENDERS = 4


def signed_in(service) -> str:
    form = {"username": "teacher", "password": PASSWORD, "to": "/"}
    answer = service.client.post("/sign-in", data=form, headers=SAME)
    assert answer.status_code == 303
    service.client.cookies.clear()
    return str(answer.headers["set-cookie"].partition(";")[0])


def send(service, cookie: str, child: str, key: str) -> bool:
    """Send a visit's form; whether it was answered that it is recorded."""
    try:
        answer = service.client.post(
            f"/children/{child}/record/home-visits",
            data={**VISIT, "_key": key},
            headers={**SAME, "Cookie": cookie},
        )
    except httpx.TransportError:
        return False
    assert answer.status_code == 303, answer.text
    assert f"/children/{child}?at=" in answer.headers["location"]
    return True


def test_a_form_sent_as_the_service_is_killed_is_recorded_once_or_not(district, guixue):
    first = guixue(district, "serve")
    until(first.answers)
    form = {"username": "registrar", "password": PASSWORD}
    token = first.client.post("/v1/token", data=form).json()["access_token"]
    children = [enrol(first, token, serial, str(uuid4())) for serial in range(SENDERS)]
    cookie = signed_in(first)
    asked: list[tuple[str, str]] = []
    answered: list[tuple[str, str]] = []

    def sending(child: str) -> None:
        done = True
        while done:
            one = child, str(uuid4())
            asked.append(one)
            done = send(first, cookie, *one)
            if done:
                answered.append(one)

    with ThreadPoolExecutor(SENDERS) as senders:
        working = [senders.submit(sending, child) for child in children]
        until(lambda: len(answered) >= 20)
        first.process.kill()
        for one in working:
            one.result()
    lost = [one for one in asked if one not in answered]
    assert len(lost) == SENDERS

    second = guixue(district, "serve")
    until(second.answers)
    between = children_in(district)
    assert len(answered) <= sum(between.values()) - SENDERS <= len(asked)
    for one in asked:  # the same session, the same keys
        assert send(second, cookie, *one)
    stored = children_in(district)
    assert stored == {child: 1 + [one for one, _ in asked].count(child) for child in children}
    assert second.told(signal.SIGTERM) == 0
    for word in (VISIT["visitors"], "?at=", "/children/", "teacher"):
        assert word not in first.said + second.said
