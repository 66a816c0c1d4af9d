"""A fault that lasts is told of when it comes, seldom while it lasts, and when it has gone."""

import structlog
from structlog.testing import capture_logs

from application.store.telling import Telling


def test_a_fault_is_told_of_once_and_another_at_once_and_that_it_has_gone():
    with capture_logs() as said:
        telling = Telling(structlog.get_logger())
        telling.gone()
        for _ in range(1000):
            telling.of("it waits", TimeoutError("a child's name"), job="one")
        telling.of("it fails", ValueError(), unforeseen=True, job="one")
        telling.gone(job="one")
        telling.gone(job="one")
        telling.of("it fails", ValueError(), unforeseen=True, job="one")

    waits = {"event": "it waits", "log_level": "warning", "error": "TimeoutError", "job": "one"}
    fails = {"event": "it fails", "log_level": "error", "error": "ValueError", "job": "one"}
    goes_on = {"event": "it goes on", "log_level": "info", "job": "one"}
    assert said == [waits, fails, goes_on, fails]


def test_a_fault_that_lasts_is_told_of_again_after_a_while():
    with capture_logs() as said:
        telling = Telling(structlog.get_logger(), again=0.0)
        telling.of("it waits", TimeoutError())
        telling.of("it waits", TimeoutError())

    assert len(said) == 2
