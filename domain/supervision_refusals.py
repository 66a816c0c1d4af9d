"""Refusals about rubrics, scores, vetoes, talks and bulletins (考评、约谈、公告), zh and en."""

from domain.refusals import Refusal


class NoSuchRubric(Refusal):
    zh = "没有编号为 {rubric} 的考评细则。请核对。"
    en = "There is no rubric {rubric}. Check its number."


class RubricReplaced(Refusal):
    zh = "该考评细则已由第 {by} 号细则替代。请替代最新的一版。"
    en = "This rubric was replaced by number {by}. Replace the newest version."


class RubricTooEarly(Refusal):
    zh = "新细则须在原细则施行之日 {first} 之后施行。请核对施行日期。"
    en = "A new version comes into force after the old one did, on {first}. Check its day."
