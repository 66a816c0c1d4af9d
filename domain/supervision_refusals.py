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


class RubricNotInForce(Refusal):
    zh = "第 {rubric} 号考评细则在该考评周期内未施行。请选用当期施行的细则。"
    en = "Rubric {rubric} was not in force in this period. Choose one that was."


class NotInspecting(Refusal):
    zh = "督查组只能在对该校的督查进行期间考评。请写明正在进行的督查(inspection)。"
    en = "Inspectors score a school while an inspection of it runs. Name it in inspection."


class InspectionElsewhere(Refusal):
    zh = "没有督查 {inspection},或其不含该校。请核对编号。"
    en = "There is no inspection {inspection} of this school. Check its number."


class ScoredBeforePeriod(Refusal):
    zh = "考评日期 {day} 早于考评周期首日 {first}。请核对日期。"
    en = "The scoring of {day} lies before the period's first day, {first}. Check the day."


class ItemsDiffer(Refusal):
    zh = "考评项目须与细则一致,每项一次:{items}。"
    en = "Score each item of the rubric once: {items}."


class PointsBeyondItem(Refusal):
    zh = "项目 {code} 的得分超过其分值 {most}。请核对。"
    en = "Item {code} is worth {most} points; more were given. Check them."


class DeductionUnproven(Refusal):
    zh = "项目 {code} 扣分,须写明依据(evidence)。"
    en = "Points of item {code} were deducted; say by what evidence."


class PeriodNotBegun(Refusal):
    zh = "该周期自 {first} 起,尚未开始。请核对周期。"
    en = "This period begins on {first} and has not begun. Check the period."


class VetoDecided(Refusal):
    zh = "该校该周期已于 {day} 作出决定。如须改变,请写明所改决定(restates: {entry})和理由。"
    en = "This was decided on {day}. To restate it, name it (restates: {entry}) and say why."


class CommitmentDueEarly(Refusal):
    zh = "承诺期限 {due_on} 早于约谈日期 {held_on}。请核对日期。"
    en = "A promise of the talk of {held_on} cannot be due on {due_on}, before it. Check the day."


class NoSuchCommitment(Refusal):
    zh = "该次约谈没有第 {number} 项承诺。请核对。"
    en = "This talk has no promise {number}. Check its number."


class CommitmentDone(Refusal):
    zh = "该项承诺已于 {day} 落实。"
    en = "This promise was kept on {day}."


class FollowUpBeforeTalk(Refusal):
    zh = "跟进日期 {day} 早于约谈日期 {held_on}。请核对日期。"
    en = "The follow-up of {day} lies before the talk of {held_on}. Check the day."


class UnitUnknown(Refusal):
    zh = "学校名录中没有单位“{unit}”。请核对名称。"
    en = "The directory knows no unit “{unit}”. Check its name."


class SourceUnknown(Refusal):
    zh = "没有这次督查或考评:{source}。请核对编号。"
    en = "There is no such inspection or score: {source}. Check its number."


class SourceNotOver(Refusal):
    zh = "督查 {inspection} 尚未结束,不能公告结果。"
    en = "Inspection {inspection} has not ended; its results cannot be published."


class SchoolNotConcerned(Refusal):
    zh = "所列督查和考评不含学校 {school_code}。请核对。"
    en = "None of these inspections and scores is of school {school_code}. Check it."


class NamesChild(Refusal):
    zh = "“{field}”中出现相关学校学生的姓名,或身份证号、学籍号、电话号码。公告不得含有,请删去。"
    en = "“{field}” holds a name or number of a child of the schools concerned. Take it out."


class MayNameChild(Refusal):
    zh = (
        "“{field}”中有两个字与相关学校某名学生的姓名相同。请查看;确非学生姓名的,在 confirmed 中"
        "写明该栏。"
    )
    en = (
        "Two characters in “{field}” are also the name of a child of the schools concerned. Look;"
        " if no child is meant, name the field in confirmed."
    )


class TellsFewChildren(Refusal):
    zh = "“{field}”写有某校 1 至 4 名学生;区以下小于 5 的人数不得公告。请删去。"
    en = "“{field}” tells of one to four children of a school; so few are not published."


class AlreadyPublished(Refusal):
    zh = "本公告已于 {day} 发布,不再改变。"
    en = "This bulletin was published on {day} and does not change."
