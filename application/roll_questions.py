"""What a roll file raises that no import may settle: worded for the person who sent it."""

from dataclasses import dataclass
from typing import Self

from domain.codes import STUDENT_STATUS
from domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Question:
    """A question for a person, in Chinese and English."""

    zh: str
    en: str

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        """Make one of a rule that refused what the file says."""
        return cls(refusal.sentence("zh"), refusal.sentence("en"))

    @classmethod
    def of_status(cls, now: str, told: str) -> Self:
        """Make one of a roll status that the file has and the record has not."""
        return cls(
            f"学籍状态在此为“{STUDENT_STATUS.label(now, 'zh')}”,文件中为“"
            f"{STUDENT_STATUS.label(told, 'zh')}”。请凭材料办理学籍异动,导入不作此项登记。",
            f"The roll status is “{STUDENT_STATUS.label(now, 'en')}” here and “"
            f"{STUDENT_STATUS.label(told, 'en')}” in the file. Record the roll change with its"
            " papers; an import does not.",
        )

    def sentence(self, language: str) -> str:
        return self.en if language == "en" else self.zh


OUT_OF_REACH = Question(
    "该生的学籍在本区另一所学校,不在您的职责范围内。请向该校提出转学。",
    "This child is on the roll of another school here, which is not in your scope. Ask that school"
    " for a transfer.",
)
AT_ANOTHER_SCHOOL = Question(
    "该生的学籍在本区另一所学校。请由该校提出转学。",
    "This child is on the roll of another school here. Let that school ask for a transfer.",
)
TRANSFER_AWAITED = Question(
    "该生的转学尚待接收学校答复。",
    "A transfer of this child still awaits the answer of the receiving school.",
)
LEFT = Question(
    "该生曾转出本区。如已回到本区就读,请办理转入(22)。",
    "This child left the district. If it is back, record that it transferred in (22).",
)
DAMAGED = Question(
    "该生的档案无法完整读取,未作比对。请告知系统管理员。",
    "This child's record cannot be read whole and was not compared. Tell the administrator.",
)
VANISHED = Question(
    "该生在册,但文件中没有:转出?休学?疑似辍学?请核实后逐一办理;导入不作任何登记。",
    "On the roll here but not in the file: transferred out, suspended, or a suspected dropout?"
    " Find out, and record it; the import records nothing.",
)
