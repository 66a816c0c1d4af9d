"""Refusals about returns and reports (月报、季报), worded for the person who asked, zh and en."""

from domain.refusals import Refusal


class ReturnNotDueYet(Refusal):
    zh = "{period} 自 {opens_on} 起方可报送;此前只是草稿。"
    en = "{period} can be submitted from {opens_on} on; until then it is a draft."


class ReturnSubmitted(Refusal):
    zh = "本月报表已提交(第 {number} 版)。如须修改,请区教体局先退回。"
    en = "This return was submitted (version {number}). The bureau returns it before it changes."


class ReturnFrozen(Refusal):
    zh = "本月报表已冻结(第 {number} 版),不再改动。如有错误,由区教体局另出更正版。"
    en = "This return is frozen (version {number}) and never changes; the bureau may restate it."


class ReturnNotSubmitted(Refusal):
    zh = "学校尚未提交本月报表,或已退回待重报。"
    en = "The school has not submitted this return, or it was returned and is awaited again."


class ReturnNotFrozen(Refusal):
    zh = "本月报表尚未冻结,不能更正。未冻结的报表请退回学校重报。"
    en = "This return is not frozen, so it is not restated; return it to the school instead."


class ReturnNotZero(Refusal):
    zh = "本月不是零报告:{what_zh}。请核对草稿后提交。"
    en = "This month is no zero return: {what_en}. Look at the draft, then submit it."


class ClassesUnchecked(Refusal):
    zh = "以下班级尚未完成排查核实:{classes_zh}。请先核实,或写明原因(unchecked_reason)。"
    en = (
        "These classes are not checked off yet: {classes_en}. Check them, or say why in "
        "unchecked_reason."
    )


class ClassUnknown(Refusal):
    zh = "本校名册中没有 {grade} 年级“{class_name}”。请核对。"
    en = "The school's roll has no class “{class_name}” in grade {grade}. Check it."


class NothingToRestate(Refusal):
    zh = "按目前的记录,各项数字与第 {number} 版相同,无须更正。"
    en = "By what is recorded now every figure is that of version {number}; nothing to restate."


class RevisionReasonMissing(Refusal):
    zh = "本季度已报送(第 {number} 版)。再次报送请写明原因(reason)。"
    en = "This quarter was reported (version {number}). Say in reason why you report again."
