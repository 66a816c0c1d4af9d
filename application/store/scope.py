"""What part of the district a read of the views sees: set for its transaction, else nothing."""

from dataclasses import dataclass
from uuid import UUID

DISTRICT = "SELECT set_config('role', current_database() || '_district', true)"
NARROW = """
SELECT set_config('guixue.schools', %s::text[]::text, true),
       set_config('guixue.classes', %s::text[]::text, true),
       set_config('guixue.townships', %s::text[]::text, true),
       set_config('guixue.units', %s::text[]::text, true),
       set_config('guixue.referred', %s::text, true),
       set_config('guixue.children', %s::uuid[]::text, true)
"""


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
        places = (self.schools, self.classes, self.townships, self.units)
        referred = "yes" if self.referred else ""
        return NARROW, [*map(sorted, places), referred, sorted(map(str, self.children))]
