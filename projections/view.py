"""What a view is: a table, and a pure function from one replayed child to its rows."""

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any, ClassVar, LiteralString

from pydantic_core import to_json

from application.store.mapper import RecordedEvent
from domain.child import Standing
from domain.corrections import Corrected
from domain.entry import Entry
from projections.replay import Child

Row = tuple[Any, ...]

# Every row: whose it is, which of theirs, from which position on it stands, until which it stood,
# and the position of the entry that began it, by which lists are ordered and paged.
KEY_COLUMNS = (
    ("student_id", "uuid NOT NULL"),
    ("row_key", "bigint NOT NULL"),
    ("since", "bigint NOT NULL"),
    ("until", "bigint"),
)
# What lists are filtered by: where the child stood, and the day the row is about.
PLACE_COLUMNS = (
    ("opened", "bigint NOT NULL"),
    ("day", "date"),
    ("school_code", "text"),
    ("grade", "smallint"),
    ("class_name", "text"),
    ("township", "text"),
    ("status", "text NOT NULL"),
    ("key_groups", "text[] NOT NULL"),
    ("student_name", "text NOT NULL"),
)


# Whether a row lies within the scope of its transaction: its child does, by where the child is
# now; or it is a line of one of the schools, which keep theirs when a child has moved on.
CHILD_IN_SCOPE = (  # a probe for each row; from EXISTS, and IN, PostgreSQL may read the whole roll
    "(SELECT true FROM (SELECT student_id AS whose FROM views.students) AS roll"
    " WHERE whose = student_id LIMIT 1)"
)


def scoped(name: str, kind: str) -> str:
    """Give the SQL of one part of the scope, an array; worked out once for a query."""
    setting = f"nullif(current_setting('guixue.{name}', true), '')"
    return f"(SELECT {setting}::{kind}[])::{kind}[]"


OWN_SCHOOLS_ROW = f"school_code = ANY ({scoped('schools', 'text')})"


# What the filters of every list of cases look rows up by.
LOOKED_UP = (
    "school_code (school_code, opened, until)",  # those that stand, past the district's others
    "township (township, opened, until)",
    "status",
    "day",
    "groups USING gin (key_groups)",
)


class View(ABC):
    """
    A table whose rows each belong to one child and follow from that child's entries alone.

    ``moved_by`` names the kinds of entries that may change rows; a correction always may.
    ``keeps_past`` keeps replaced rows with the positions between which they stood, so that
    "as of" is a filter; a view without stands since the child's last entry, whatever that was.
    ``indexes`` names columns lists are filtered by, or gives a name and
    what is indexed. ``totals`` names what is counted, as SQL of a row; such a view keeps its past.
    ``not_told`` names columns for
    finding rows alone. ``rows_of_entry`` is how many rows one entry may begin, at most.
    ``moved_by_rules`` is the SQL of a row that may be another once other rules are in force, from
    the day %s on. ``within_scope`` is the SQL by which a row lies within the scope set for a
    transaction (``application.store.scope``).
    """

    name: ClassVar[str]
    columns: ClassVar[tuple[tuple[str, str], ...]]
    moved_by: ClassVar[tuple[type[Entry], ...]] = (Entry,)
    keeps_past: ClassVar[bool] = True
    indexes: ClassVar[tuple[str, ...]] = ()
    totals: ClassVar[Mapping[str, str]] = {}
    not_told: ClassVar[frozenset[str]] = frozenset()
    rows_of_entry: ClassVar[int] = 1
    moved_by_rules: ClassVar[LiteralString | None] = None
    within_scope: ClassVar[str] = f"{OWN_SCHOOLS_ROW} OR {CHILD_IN_SCOPE}"  # the cheaper first

    @abstractmethod
    def all_keys(self, child: Child) -> Iterable[int]:
        """Name every row the child has."""

    @abstractmethod
    def keys(self, child: Child, entry: Entry) -> Iterable[int]:
        """Name the rows an entry, just taken in, may have changed; it is no correction."""

    @abstractmethod
    def row(self, child: Child, key: int) -> Row:
        """Give the values of a row, in the order of ``columns``."""

    def erased_rows(
        self,
        events: Sequence[RecordedEvent],  # noqa: ARG002
    ) -> Iterable[tuple[int, int, Row]]:
        """Give what is told of an erased child: key, since when, and row; nothing, in most."""
        return ()

    def corrected_keys(self, child: Child, entry: Corrected) -> Iterable[int]:  # noqa: ARG002
        """Name the rows a correction, just taken in, may have changed: all, in most views."""
        return self.all_keys(child)

    @property
    def column_names(self) -> list[str]:
        return [name for name, _ in (*KEY_COLUMNS, *self.columns)]

    def definition(self) -> str:
        """
        Give two digests: the shape, which readers go by, and all that rows follow from.

        A view of another definition is rebuilt; of another shape, it cannot be read meanwhile.
        """
        digest = hashlib.sha256(repr((self.columns, self.indexes, self.totals)).encode())
        digest.update(code_digest())
        return f"{self.shape()}-{digest.hexdigest()[:16]}"

    def shape(self) -> str:
        """Give a digest of the columns."""
        return hashlib.sha256(repr((KEY_COLUMNS, self.columns)).encode()).hexdigest()[:16]

    def create_sql(self, table: str) -> str:
        """Give the SQL that makes the table, empty and without its indexes."""
        columns = ", ".join(f"{name} {kind}" for name, kind in (*KEY_COLUMNS, *self.columns))
        return f"CREATE UNLOGGED TABLE {table} ({columns})"

    def index_sql(self, table: str) -> list[str]:
        """Give the SQL that makes the table's indexes; one row of a key stands at a time."""
        short = table.rpartition(".")[2]
        named = [index.partition(" ") for index in ("opened (opened)", "student_id", *self.indexes)]
        return [
            f"CREATE UNIQUE INDEX {short}_one ON {table} (student_id, row_key) WHERE until IS NULL",
            *(
                f"CREATE INDEX {short}_{name} ON {table} {columns or f'({name}, opened)'}"
                for name, _, columns in named
            ),
        ]

    @cached_property
    def looked_up(self) -> tuple[str, ...]:
        """The columns rows are looked up by, of which the planner is to know."""
        indexed = set(re.findall(r"\w+", " ".join(self.index_sql(self.name))))
        return tuple(name for name in self.column_names if name in indexed)


@cache
def code_digest() -> bytes:
    """Digest the code that rows follow from: the views', and the domain's that they replay with."""
    digest = hashlib.sha256()
    for package in ("domain", "projections"):
        for source in sorted(files(package).iterdir(), key=lambda file: file.name):
            if source.name.endswith(".py"):
                digest.update(source.read_bytes())
    return digest.digest()


@cache
def concerned(views: tuple[View, ...], kind: type[Entry]) -> tuple[tuple[int, View], ...]:
    """Give the views that keep a past, with their numbers, whose rows an entry may change."""
    return tuple(
        (number, view)
        for number, view in enumerate(views)
        if view.keeps_past and issubclass(kind, (*view.moved_by, Corrected))
    )


def place(child: Child, index: int, opened: int, day: date | None) -> Row:
    """Give the values of ``PLACE_COLUMNS`` for a row that speaks of entry number ``index + 1``."""
    standing: Standing = child.student.standings[index]
    return (
        child.positions[opened],
        day,
        standing.school_code,
        standing.grade,
        standing.class_name,
        standing.township,
        standing.status,
        stored_array(standing.key_groups),
        child.enrolment.name,
    )


def stored_json(value: object) -> str:
    """Serialise a value for a jsonb column."""
    return to_json(value).decode()


@lru_cache(maxsize=10_000)
def stored_array(values: tuple[str, ...]) -> str:
    """Write codes for an array column; the same few come again and again."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


def first_guardian(child: Child) -> tuple[str | None, str | None]:
    """Give name and phone of the first guardian."""
    guardians = child.enrolment.guardians or []
    if not guardians:
        return None, None
    return guardians[0]["name"], guardians[0].get("phone")


def entries_of(child: Child, kinds: type[Entry] | tuple[type[Entry], ...]) -> Sequence[int]:
    """Give the indexes of the child's entries of some kinds, oldest first."""
    return [index for index, entry in enumerate(child.student.entries) if isinstance(entry, kinds)]
