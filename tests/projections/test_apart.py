"""An engine's process that cannot be had, or ends at once, is tried again, and ever more seldom."""

from itertools import pairwise
from time import monotonic

import structlog.testing

from projections.apart import EngineApart
from tests.keys import RING
from tests.reliability.processes import until


class Failing(EngineApart):
    """An engine that no process is to be had for, at first."""

    def __init__(self):
        super().__init__("", RING, [])
        self.tried = []

    def _run(self):
        self.tried.append(monotonic())
        if len(self.tried) == 1:
            raise BlockingIOError
        return 1


def test_it_is_tried_again_and_ever_more_seldom():
    engine = Failing()
    with structlog.testing.capture_logs() as said:
        engine.start()
        until(lambda: len(engine.tried) == 3, 20)
        engine.stop()
        until(lambda: not engine.is_alive(), 20)

    first, second = (later - earlier for earlier, later in pairwise(engine.tried))
    assert 1 <= first < second
    assert [line["code"] for line in said[:2]] == ["BlockingIOError", 1]
