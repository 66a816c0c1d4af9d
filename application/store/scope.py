"""What part of the district a read of the views sees: set for its transaction, else nothing."""

from dataclasses import dataclass
from uuid import UUID

DISTRICT = "SELECT set_config('role', current_database() || '_district', true)"
NARROW = """
SELECT set_config('guixue.schools', %s::text[]::text, true),
       set_config('guixue.classes', %s::text[]::text, true),
       set_config('guixue.townships', %s::text[]::text, true),
       set_config('guixue.children', %s::uuid[]::text, true)
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """
    A scope, which row-level security holds every row of every view against.

    ``schools`` are school codes; ``classes`` scope paths, ``school/grade/class``; ``townships``
    whose reported cases may be seen; ``children`` single ones.
    """

    district: bool = False
    schools: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    townships: frozenset[str] = frozenset()
    children: frozenset[UUID] = frozenset()

    def setting(self) -> tuple[str, list[list[str]]]:
        """Give the statement that sets this scope for a transaction, and its parameters."""
        if self.district:
            return DISTRICT, []
        parts = (self.schools, self.classes, self.townships, map(str, self.children))
        return NARROW, [sorted(part) for part in parts]
