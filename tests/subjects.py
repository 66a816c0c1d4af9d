"""A subject for tests: a meeting that may be held once, in a stream made of its name."""

from application.store.streams import stream_of
from domain.refusals import TransferDecided
from domain.subject import Fact, Subject


class Held(Fact):
    TOPIC = "test_meeting.held"

    about: str

    def apply(self, subject):
        subject.held = self.about


class Meeting(Subject):
    SUBJECT = "test_meeting"

    held: str | None

    def begin(self) -> None:
        self.held = None

    def hold(self, act, *, occurred_on, about) -> None:
        if self.held is not None:
            raise TransferDecided  # any refusal will do
        self.record(Held, act, occurred_on, about=about)


def meeting(name: str):
    return stream_of("test_meeting", name)
