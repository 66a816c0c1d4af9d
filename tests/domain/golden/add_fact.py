"""
Add one stored fact to the golden file of facts, and never change what stands there.

As ``tests.domain.golden.add``, for what is in no child's stream::

    python -m tests.domain.golden.add_fact monthly_return.frozen '{"occurred_on": …, "by": …}'
"""

import sys
from pathlib import Path

from pydantic_core import from_json

from domain import (  # noqa: F401  # they know their topics
    bulletins,
    child_duties,
    district_rules,
    inspection,
    monthly_return,
    pledges,
    quarterly_report,
    registers,
    rubrics,
    scores,
    talks,
    vetoes,
)
from tests.domain.golden.add import add

FACTS = Path(__file__).with_name("facts.json")

if __name__ == "__main__":
    add(sys.argv[1], from_json(sys.argv[2]), FACTS)
