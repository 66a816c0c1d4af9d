"""Hand-over (交接): whoever follows a teacher is named for every child the teacher answered for."""

from dataclasses import dataclass
from datetime import date

from domain.codes import RESPONSIBILITY_ROLE
from domain.entry import Act
from domain.student import Student


class NamedLater(Exception):
    """Somebody was named from a later day on: the hand-over would change nothing."""

    slug = "named-later"


@dataclass(frozen=True, slots=True)
class HandOver:
    """
    From whom to whom, from which day on.

    ``role`` is a code of ``RESPONSIBILITY_ROLE``; without, every role the person has for a child.
    """

    from_name: str
    to_name: str
    from_day: date
    phone: str | None = None
    role: str | None = None

    def record(self, child: Student, act: Act) -> int:
        """
        Name who follows, one entry for each role; return how many, none where it is not theirs.

        Their duties move along while open; what was done and missed before keeps the old name.

        :raises NamedLater: if the person was named from a later day on
        """
        roles = [
            role
            for role in RESPONSIBILITY_ROLE
            if self.role in {None, role} and child.state.responsible.get(role) == self.from_name
        ]
        for role in roles:
            if child.state.responsible_since[role] > self.from_day:
                raise NamedLater
        for role in roles:
            child.name_responsible(
                act, name=self.to_name, role=role, from_day=self.from_day, phone=self.phone
            )
        return len(roles)
