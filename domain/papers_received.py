"""Papers of a roll change that come later (补交材料): the change stays where it was recorded."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from domain.child import ChildStream
from domain.entry import Act, Entry, Paper
from domain.refusals import NoSuchEntry, PapersComplete
from domain.roll import Graduated, RollChanged
from domain.roll_papers import GRADUATION, TRANSFER, papers_missing
from domain.transfers import TransferAccepted, TransferRejected, TransferRequested

WITH_PAPERS = (RollChanged, TransferRequested)


class RollChangePapersReceived(Entry):
    """Papers of a roll change or transfer came later; ``papers_missing`` are still to come."""

    TOPIC = "student.roll_change_papers_received"
    CORRECTABLE = frozenset({"occurred_on", "papers"})

    change: int
    papers: list[Paper]
    papers_missing: list[list[str]]


class RollPapers(ChildStream):
    """What is there, and what is missing, of the papers of a roll change."""

    def papers_of(self, number: int) -> list[Paper]:
        """Give the papers of a roll change or transfer, those that came later too, as corrected."""
        change: Any = self.entries[number - 1]
        later = [
            paper
            for entry in self.entries[number:]
            if isinstance(entry, RollChangePapersReceived) and entry.change == number
            for paper in entry.papers
        ]
        return [*(getattr(change, "papers", None) or []), *later]

    def lacking_papers(self) -> Iterator[int]:
        """Give each roll change and transfer of which papers are still to come."""
        for number, entry in enumerate(self.entries, start=1):
            if isinstance(entry, WITH_PAPERS) and self.papers_missing_of(number):
                yield number

    def papers_missing_of(self, number: int) -> list[list[str]]:
        """
        Name each group of papers still to come for a roll change or transfer, as it stands now.

        A transfer that was not answered by taking the child in changed nothing: it lacks nothing.
        """
        if self.transfer_answer(number) == "rejected":
            return []
        return papers_missing(registered_as(self.entries[number - 1]), self.papers_of(number))

    def transfer_answer(self, number: int) -> str | None:
        """Say what became of a transfer, as a code of ``TRANSFER_ANSWER``."""
        if not isinstance(self.entries[number - 1], TransferRequested):
            return None
        for entry in self.entries[number:]:
            if isinstance(entry, TransferAccepted | TransferRejected) and entry.request == number:
                return "accepted" if isinstance(entry, TransferAccepted) else "rejected"
        return "pending"

    def receive_papers(
        self, act: Act, *, entry: int, papers: list[Paper], occurred_on: date | None = None
    ) -> None:
        """
        Add papers that came later to a roll change or transfer.

        A child's death bars nothing here: its papers come after it.

        :raises NoSuchEntry: if the entry is no roll change and no transfer
        :raises PapersComplete: if nothing is missing
        """
        if not (
            1 <= entry <= len(self.entries) and isinstance(self.entries[entry - 1], WITH_PAPERS)
        ):
            raise NoSuchEntry(entry=entry)
        if not self.papers_missing_of(entry):
            raise PapersComplete(entry=entry)
        kind = registered_as(self.entries[entry - 1])
        self.record(
            RollChangePapersReceived,
            act,
            occurred_on or act.today,
            change=entry,
            papers=papers,
            papers_missing=papers_missing(kind, [*self.papers_of(entry), *papers]),
        )


def registered_as(change: Entry) -> str:
    """Give the code of ``REGISTERED_CHANGE`` under which an entry stands in the register."""
    if isinstance(change, RollChanged):
        return change.kind
    return GRADUATION if isinstance(change, Graduated) else TRANSFER
