"""What part of the district a read of the views sees: set for its transaction, else nothing."""

from dataclasses import dataclass
from uuid import UUID

DISTRICT = "SELECT set_config('role', current_database() || '_district', true)"
PART = "set_config('guixue.{}', %s::{}::text, true)"  # what is not set lets nothing through


@dataclass(frozen=True, slots=True)
class Scope:
    """
    A scope, which row-level security holds every row of every view against.

    ``schools`` are school codes; ``classes`` scope paths, ``school/grade/class``; ``townships``
    whose reported cases may be seen; ``units`` those whose referrals may be; ``referred`` lets
    every referred case through; ``children`` single ones.
    """

    district: bool = False
    schools: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    townships: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    referred: bool = False
    children: frozenset[UUID] = frozenset()

    def setting(self) -> tuple[str, list[list[str] | str]]:
        """Give the statement that sets this scope for a transaction, and its parameters."""
        if self.district:
            return DISTRICT, []
        parts = {
            ("schools", "text[]"): sorted(self.schools),
            ("classes", "text[]"): sorted(self.classes),
            ("townships", "text[]"): sorted(self.townships),
            ("units", "text[]"): sorted(self.units),
            ("referred", "text"): "yes" if self.referred else "",
            ("children", "uuid[]"): sorted(map(str, self.children)),
        }
        given = {name: part for name, part in parts.items() if part}
        return "SELECT " + ", ".join(PART.format(*name) for name in given), [*given.values()]
