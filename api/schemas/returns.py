"""The bodies of returns and reports: classes checked off, submissions, decisions, a quarter."""

from api.schemas.fields import Body, Grade, Line, Words, YesNo


class ClassCheck(Body):
    """全面排查核实: the class was gone through child by child."""

    grade: Grade
    class_name: Line
    note: Line | None = None


class Submission(Body):
    """提交月报; ``zero`` (零报告) says that nothing moved and that every class was checked."""

    zero: YesNo = False
    unchecked_reason: Line | None = None
    note: Line | None = None


class Freeze(Body):
    """冻结."""


class SendingBack(Body):
    """退回."""

    reason: Line


class Restatement(Body):
    """更正: another version beside the frozen one."""

    reason: Line


class QuarterlyReport(Body):
    """季度末报送; a later one of the same quarter says its ``reason``."""

    narrative: Words
    unit: Line | None = None
    reason: Line | None = None
