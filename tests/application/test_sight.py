"""Every role that reads children has a rule by which it does, under a label of its own."""

from application.roles import ASKED, MAY
from application.sight import RULE, RULE_OF_ROLE


def test_every_role_that_reads_has_a_rule():
    assert RULE_OF_ROLE.keys() == MAY["read"] | ASKED
    assert set(RULE_OF_ROLE.values()) | {"no_school", "break_glass"} == set(RULE)
