"""Refusals about what is put in force of the district's rules and calendar, zh and en."""

from domain.refusals import Refusal


class RulesTooEarly(Refusal):
    zh = "最早可自 {first} 起施行:已开始的个案按当时的期限,不再改动。请核对施行日期。"
    en = "They can be in force from {first} at the earliest: what has begun keeps its deadlines."


class RulesTooFar(Refusal):
    zh = "最迟自 {last} 起施行。请核对施行日期。"
    en = "They can be in force from {last} at the latest. Check the day."


class RulesAsBefore(Refusal):
    zh = "与现行规定相同,没有需要施行的。"
    en = "This is what is in force already; nothing would change."


class CalendarYearAway(Refusal):
    zh = "只能设定 {first} 至 {last} 年的校历。请核对年份。"
    en = "The calendar can be set for the years {first} to {last}. Check the year."


class FestivalsMissing(Refusal):
    zh = "通知里没有提到{festivals},照此生效这些节日不放假。请粘贴全文;确实如此的,请确认。"
    en = "The notice says nothing of {festivals}: they would have no day off. Paste it whole, \
or confirm."


class DayOver(Refusal):
    zh = "{day} 不在以后,停课、补课只能登记今天以后的日子。"
    en = "{day} is not to come: days can be closed or opened from tomorrow on."


class DayOutsideTerms(Refusal):
    zh = "{day} 不在学期内。请核对日期;要改学期的,请施行学期起止。"
    en = "{day} lies in no term. Check the day, or put other terms in force."


class TermBegun(Refusal):
    zh = "{day} 已经过去,学期的这一天不能再改。请保留原日期 {kept}。"
    en = "{day} is over or would be: that day of a term stays as it was, {kept}."
