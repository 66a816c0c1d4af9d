"""Refusals about inspections (督查), worded for the person who asked, in Chinese and English."""

from domain.refusals import Refusal


class InspectionDaysAway(Refusal):
    zh = "督查开始日期须在 {first} 至 {last} 之间。请核对日期。"
    en = "An inspection starts between {first} and {last}. Check its days."


class OwnSchool(Refusal):
    zh = "您在被督查的学校任职,不能督查本校。请由他人办理。"
    en = "You hold a post at a school inspected; nobody inspects their own school."


class InspectionNotYet(Refusal):
    zh = "本次督查计划自 {starts_on} 起,尚未到期。"
    en = "This inspection is planned from {starts_on} on."


class InspectionStarted(Refusal):
    zh = "本次督查已于 {day} 开始。"
    en = "This inspection started on {day}."


class InspectionNotStarted(Refusal):
    zh = "本次督查尚未开始。请先登记开始。"
    en = "This inspection has not started. Record its start first."


class InspectionEnded(Refusal):
    zh = "本次督查已于 {day} 结束,不再登记点名和问题。"
    en = "This inspection ended on {day}; no count and no finding is added."


class MissingNotOfClass(Refusal):
    zh = "所列未到学生中有 {count} 人不在该班名册上。请核对。"
    en = "Of the children named as missing, {count} are not on the roll of this class. Check them."


class FindingDueEarly(Refusal):
    zh = "整改期限 {due_on} 早于发现之日 {day}。请核对日期。"
    en = "The finding of {day} cannot be due on {due_on}, before it. Check the day."


class RectifiedBeforeFound(Refusal):
    zh = "整改日期 {done_on} 早于发现之日 {found_on}。请核对日期。"
    en = "What was found on {found_on} was not put right on {done_on}. Check the day."


class FindingAwaitsDecision(Refusal):
    zh = "该问题已报整改({done_on}),待督查方销号。"
    en = "This finding was put right on {done_on} and awaits the inspecting side's decision."


class FindingClosed(Refusal):
    zh = "该问题已于 {day} 销号。"
    en = "This finding was closed on {day}."


class NotRectified(Refusal):
    zh = "学校尚未报送整改,或已退回重改,无可销号。"
    en = "The school has not put this finding right, or it was sent back; nothing to decide."


class InspectionCancelled(Refusal):
    zh = "本次督查已于 {day} 取消。"
    en = "This inspection was cancelled on {day}."


class InspectionInAnotherYear(Refusal):
    zh = "督查 {inspection} 按学年编号,不能改到另一学年。请取消后另行计划。"
    en = "Inspection {inspection} is numbered by its school year. Cancel it and plan another."
