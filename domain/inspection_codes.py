"""The code lists of inspections (督查): kinds, methods, findings and how far each is put right."""

from domain.code_list import CodeList

INSPECTION_KIND = CodeList.read(
    "督查类型",
    "S1",
    """
    routine  | 定期巡查 | Routine round
    surprise | 突击检查 | Surprise check
    cross    | 交叉检查 | Cross-check
    special  | 专门督查 | Special inspection
    joint    | 联合检查 | Joint check
    """,
)
INSPECTION_METHOD = CodeList.read(
    "督查方式",
    "S2",
    """
    hearing   | 听汇报 | Hear the report
    papers    | 查资料 | Read the papers
    roll      | 核学籍 | Check the roll
    heads     | 点人数 | Count heads in class
    interview | 访谈 | Interview
    """,
)
INSPECTION_STATE = CodeList.read(
    "督查进度",
    "D",
    """
    planned | 待开展 | Planned
    running | 进行中 | Running
    ended   | 已结束 | Ended
    cancelled | 已取消 | Cancelled
    """,
)
FINDING_SEVERITY = CodeList.read(
    "问题程度",
    "D",
    """
    ordinary | 一般 | Ordinary
    serious  | 严重 | Serious
    """,
)
REMEDY = CodeList.read(
    "整改方式",
    "S2",
    """
    at_once | 立行立改 | Put right at once
    by_day  | 限期整改 | Put right by a day
    """,
)
FINDING_STATE = CodeList.read(
    "整改状态",
    "S2 (整改); D",
    """
    open      | 待整改 | To be put right
    rectified | 已整改待销号 | Put right, to be accepted
    rejected  | 退回重改 | Sent back to be put right
    closed    | 已销号 | Closed
    """,
)
TO_DO = frozenset({"open", "rejected"})  # the school's turn
