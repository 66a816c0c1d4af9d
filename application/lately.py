"""Children lately recorded for, as they stood then: a guess, good once an append confirms it."""

from collections import OrderedDict
from time import monotonic
from uuid import UUID

from domain.student import Student

ENTRIES_KEPT = 20_000  # in all; some 2 KB each
SECONDS_KEPT = 300.0


class Lately:
    """
    A few children of one process, up to so many entries and so long.

    A child that is taken is the taker's alone, to act upon and give back; whoever asks meanwhile
    finds nothing and loads. What was kept for ``SECONDS_KEPT`` goes when the next is kept, so that
    a child erased by another process does not stay.
    """

    def __init__(self, room: int = ENTRIES_KEPT, seconds: float = SECONDS_KEPT) -> None:
        self._room = room
        self._seconds = seconds
        self._entries = 0
        self._children: OrderedDict[UUID, tuple[float, Student]] = OrderedDict()  # oldest first

    def take(self, student_id: UUID) -> Student | None:
        """Give a child away, if it is known."""
        kept_at, child = self._children.pop(student_id, (0.0, None))
        if child is not None:
            self._entries -= len(child.entries)
        return child if kept_at > monotonic() - self._seconds else None

    def keep(self, child: Student) -> None:
        """Keep a child as it was just recorded; the oldest make room."""
        self.take(child.id)
        self._children[child.id] = monotonic(), child
        self._entries += len(child.entries)
        self._let_go()

    def clear(self) -> None:
        """Know no child any longer."""
        self._children.clear()
        self._entries = 0

    def _let_go(self) -> None:
        too_old = monotonic() - self._seconds
        while self._children:
            kept_at, oldest = next(iter(self._children.values()))
            if self._entries <= self._room and kept_at > too_old:
                return
            del self._children[oldest.id]
            self._entries -= len(oldest.entries)
