"""What a form is about: the entry it answers or decides, and what was done in the case so far."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from api.web.children import whole_history
from api.web.field_words import form_label
from api.web.values import NOTHING, in_words
from api.web.visit import Visit

# A transfer is told by the contract to the school it is offered to, which reads nothing more.
NUMBERED = re.compile(r"(?!transfers/)[a-z-]+/(\d{1,18})/", re.ASCII)
# The entries that wait for a decision, by the form that decides.
DECIDES = {
    "close-out-decisions": "close_out_requested",
    "dropout-confirmations": "dropout_marked",
    "erasure-decisions": "erasure_requested",
}
SUMS_UP = frozenset({"written-reports", "dropout-marks"})
EFFORTS = frozenset({"home_visited", "persuasion_attempted", "counselling_given", "support_given"})


class Beside(NamedTuple):
    """The entry a form answers, with its fields in words, and the entries of the open case."""

    answers: dict[str, Any] | None = None
    fields: Sequence[tuple[str, str]] = ()
    done: Sequence[dict[str, Any]] = ()

    @property
    def summary(self) -> str:
        """Sum up what was tried, a line for each."""
        efforts = (entry for entry in self.done if entry["kind"] in EFFORTS)
        return "\n".join(f"{entry['occurred_on']} {entry['sentence']}" for entry in efforts)


async def beside(visit: Visit, child: Mapping[str, Any], path: str) -> Beside:
    """Read what a form is about; nothing for who knows of the child only what they were asked."""
    numbered = NUMBERED.match(path)
    if visit.only_asked or not (numbered or path in DECIDES or path in SUMS_UP):
        return Beside()
    entries = (await whole_history(visit, str(child["student_id"])))["items"]
    done = [
        entry
        for entry in entries
        if entry["episode"] is not None and entry["episode"] == child.get("episode")
    ]
    if numbered:
        answers = last(entry for entry in entries if entry["version"] == int(numbered[1]))
        return Beside(answers, fields_in_words(visit, answers))
    answers = last(entry for entry in entries if entry["kind"] == DECIDES.get(path))
    return Beside(answers, fields_in_words(visit, answers), done)


def last(entries: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    found = list(entries)
    return found[-1] if found else None


def fields_in_words(visit: Visit, entry: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Give the fields of an entry by their names, as people read them."""
    data = entry["data"] if entry else {}
    return [
        (
            form_label(name, visit.language),
            in_words(value, data.get(f"{name}_label"), visit.language),
        )
        for name, value in data.items()
        if value not in NOTHING and not name.endswith("_label")
    ]
