"""Every refusal of a rule: a named fact, worded in Chinese and English for the person who asked."""

import re
from typing import ClassVar


class Refusal(Exception):
    """
    A rule says no; nothing was recorded.

    ``zh`` and ``en`` are the sentences, filled with the facts given by keyword.
    ``slug`` is the stable name callers see, derived from the class name.
    """

    slug: ClassVar[str] = "refusal"
    zh: ClassVar[str] = ""
    en: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        cls.slug = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.sentence("en"))

    def sentence(self, language: str) -> str:
        """Say it in ``"zh"`` or ``"en"``."""
        template = self.en if language == "en" else self.zh
        return template.format(**self.facts)


# Days ---------------------------------------------------------------------------------------


class FutureDay(Refusal):
    zh = "日期 {day} 晚于今天({today}),尚未发生的事不能登记。请核对日期。"
    en = "{day} lies after today ({today}); what has not happened cannot be recorded. Check it."


class BeforeBirth(Refusal):
    zh = "日期 {day} 早于该生出生日期,请核对日期。"
    en = "{day} lies before the child's birth. Check the date."


class ReturnBeforeAbsence(Refusal):
    zh = "返校日期 {seen_on} 早于首次缺勤日 {first_absent_on}。请核对,或先更正缺勤记录。"
    en = (
        "The return on {seen_on} lies before the first absent day {first_absent_on}. "
        "Check the day, or correct the absence first."
    )


class ObservationBeforeReturn(Refusal):
    zh = "观察日期 {day} 早于返校日期 {seen_on}。请核对日期。"
    en = "The observation on {day} lies before the return on {seen_on}. Check the day."


class ServedBeforeIssued(Refusal):
    zh = "送达日期 {day} 早于文书签发日期 {issued_on}。请核对日期。"
    en = "The service on {day} lies before the order of {issued_on}. Check the day."


class AnsweredBeforeAsked(Refusal):
    zh = "答复日期 {day} 早于转介日期 {asked_on}。请核对日期。"
    en = "The answer on {day} lies before the referral of {asked_on}. Check the day."


class ReportBeforeIssue(Refusal):
    zh = "报到日 {report_by} 早于通知书发放日 {issued_on}。请核对日期。"
    en = "The day to report by, {report_by}, lies before the notice of {issued_on}. Check the days."


class CloseOutBeforeAbsence(Refusal):
    zh = "申请销号日期 {day} 早于首次缺勤日 {first_absent_on}。请核对日期。"
    en = "The request of {day} lies before the first absent day {first_absent_on}. Check the day."


class DecisionBeforeRequest(Refusal):
    zh = "审批日期 {day} 早于申请日期 {asked_on}。请核对日期。"
    en = "The decision of {day} lies before the request of {asked_on}. Check the day."


class ReturnAfterRelapse(Refusal):
    zh = "返校日期 {seen_on} 晚于其后的反弹缺勤日 {absent_on}。请先更正该缺勤记录(第 {entry} 条)。"
    en = (
        "The return on {seen_on} would lie after the relapse of {absent_on}. "
        "Correct that absence (entry {entry}) first."
    )


class EndBeforeStart(Refusal):
    zh = "结束日期 {ends} 早于开始日期 {starts}。请核对日期。"
    en = "The end {ends} lies before the start {starts}. Check the dates."


# The case -----------------------------------------------------------------------------------


class NoOpenEpisode(Refusal):
    zh = "该生没有在办个案。请先登记缺勤(旷课、未报到或联系不上)。"
    en = (
        "Nothing is open for this child. Flag an absence first "
        "(truancy, not reported, or out of contact)."
    )


class NotUnderWatch(Refusal):
    zh = "只有“缺勤预警”个案可以核实为疑似辍学;目前状态为“{status_zh}”。"
    en = "Only a watched case can be verified as suspected; this one is: {status_en}."


class NotUnderPersuasion(Refusal):
    zh = "此步骤只适用于疑似辍学、失联或确认辍学的个案;目前状态为“{status_zh}”。"
    en = "This step is for suspected, unreachable or confirmed dropouts; this case is: {status_en}."


class AlreadyReturned(Refusal):
    zh = "该生已于 {seen_on} 登记返校,正在观察期。请登记观察情况。"
    en = "The return on {seen_on} is recorded and under observation. Record an observation instead."


class NotUnderObservation(Refusal):
    zh = "该生不在返校观察期(目前状态为“{status_zh}”)。请先登记返校。"
    en = "This child is not under observation (status: {status_en}). Record the return first."


class NoHomeTeachingPlan(Refusal):
    zh = "该生没有有效的送教上门方案。请由区教体局先登记方案。"
    en = "No home-teaching plan is in force for this child. The education bureau assigns one first."


class NoPersuasionYet(Refusal):
    zh = "本次个案尚无劝返记录,不能标记辍学。请先劝返并登记。"
    en = "No persuasion attempt is recorded in this episode. Persuade and record it first."


class AlreadyMarked(Refusal):
    zh = "学校已于 {marked_on} 标记辍学,等待区教体局确认。"
    en = "The school marked this child on {marked_on}; the bureau's confirmation is awaited."


class NotMarked(Refusal):
    zh = "学校尚未标记辍学,没有可确认的内容。"
    en = "The school has not marked this child as dropped out; there is nothing to confirm."


class AlreadyDroppedOut(Refusal):
    zh = "该生已确认辍学;劝返工作继续。"
    en = "This child is already a confirmed dropout; persuasion goes on."


# Papers and close-out -----------------------------------------------------------------------


class PapersMissing(Refusal):
    zh = "缺少证明材料:{papers_zh}。请补齐后再提交。"
    en = "Papers are missing: {papers_en}. Add them and send it again."


class PapersComplete(Refusal):
    zh = "该异动(第 {entry} 条)不缺材料,无需补交。如材料有误,请更正。"
    en = "This change (entry {entry}) lacks no papers. If one is wrong, correct its entry."


class ObservationNotOver(Refusal):
    zh = "返校观察期未满,不能以“返校复学”销号:{missing_zh}。"
    en = "The observation is not over, so C01 cannot close the case: {missing_en}."


class ReasonDoesNotFit(Refusal):
    zh = "销号原因“{reason_zh}”不适用于状态“{status_zh}”。请选择相符的原因。"
    en = "Reason “{reason_en}” does not fit the status “{status_en}”. Choose a fitting one."


class CloseOutPending(Refusal):
    zh = "已有销号申请(第 {entry} 条)等待审批。"
    en = "A close-out request (entry {entry}) already awaits its decision."


class NoCloseOutPending(Refusal):
    zh = "没有等待审批的销号申请。"
    en = "No close-out request awaits a decision."


class SamePerson(Refusal):
    zh = "申请人不能审批自己的申请,请由另一人审批。"
    en = "Who asked may not decide it. Another person decides."


class SuperiorUnitRequired(Refusal):
    zh = "该销号申请须由上级单位(中心校或区教体局)审批。"
    en = (
        "This close-out is decided by a superior unit: the township school office or the district "
        "education bureau."
    )


class ExplanationMissing(Refusal):
    zh = "排除预警(C13)须附一行说明。请由申请人或审批人填写说明。"
    en = "Ruling out a warning (C13) takes one line of explanation, from either of the two people."


# Orders, referrals --------------------------------------------------------------------------


class AlreadyServed(Refusal):
    zh = "该文书已登记送达({served_on})。如有误,请更正送达记录。"
    en = "This order's service on {served_on} is already recorded. Correct that entry if wrong."


class AlreadyAnswered(Refusal):
    zh = "该转介已有答复(第 {entry} 条)。如有误,请更正答复记录。"
    en = "This referral was answered in entry {entry}. Correct that entry if it is wrong."


# The roll -----------------------------------------------------------------------------------


class AlreadyOnRoll(Refusal):
    zh = "该学籍号已在册。请在原有档案中登记,不要重复建档。"
    en = "This student number is already on the roll. Use the existing record; do not make another."


class SchoolUnknown(Refusal):
    zh = "学校标识码 {school_code} 不在本区学校名录中。请核对。"
    en = "School code {school_code} is not in this district's directory. Check it."


class NotOnRoll(Refusal):
    zh = "该生目前学籍状态为“{status_zh}”,不能办理此项异动。"
    en = "The child's roll status is “{status_en}”; this roll change does not apply."


class ChildDied(Refusal):
    zh = "该生已登记死亡,不能再登记此项。如有误,请更正原记录。"
    en = "The child's death is recorded; this cannot be. Correct that entry if it is wrong."


class AlreadyPromoted(Refusal):
    zh = "已于 {promoted_on} 办理升级或毕业,不能重复办理。"
    en = "Promotion was already done on {promoted_on}; it is yearly."


class KeyGroupNotHeld(Refusal):
    zh = "该生没有“{group_zh}”标记,无法结束。"
    en = "The child does not carry the mark “{group_en}”; there is nothing to end."


class SameSchool(Refusal):
    zh = "该生已在 {to_school} 就读,无需转学。校内调班请用“转班级”。"
    en = "The child is already at {to_school}. Within a school, use the class change."


class TransferPending(Refusal):
    zh = "已有转学申请(第 {entry} 条)等待接收学校答复。"
    en = "A transfer (entry {entry}) already awaits the receiving school's answer."


class TransferDecided(Refusal):
    zh = "该转学申请已有答复。"
    en = "This transfer has already been decided."


# Corrections --------------------------------------------------------------------------------


class NoSuchEntry(Refusal):
    zh = "没有第 {entry} 条此类记录。"
    en = "There is no such entry {entry}."


class NotCorrectable(Refusal):
    zh = "第 {entry} 条记录的“{field}”不能更正。{why_zh}"
    en = "“{field}” of entry {entry} cannot be corrected. {why_en}"


class RelapseWorkedOn(Refusal):
    zh = "反弹个案(第 {episode} 次)已有后续登记,不能再撤销。请以“信息错误”(C05)申请销号。"
    en = (
        "Work is already recorded in the case this relapse opened (episode {episode}), so it "
        "cannot be undone. Ask to close it as wrong data (C05)."
    )


class FlagAnew(Refusal):
    zh = "更正后,此次缺勤本应立案。请另行登记一条缺勤,以便立案。"
    en = "Corrected like this, the absence would have opened a case. Flag it anew, so that it does."


class NothingChanged(Refusal):
    zh = "更正内容与第 {entry} 条记录现有内容相同,没有需要更正的。"
    en = "The correction equals what entry {entry} already says; nothing would change."


# Registers and pledges ----------------------------------------------------------------------


class HeldInAnotherYear(Refusal):
    zh = "{day} 不在 {year} 学年,该登记簿按学年分册。请先撤销本条(withdrawn),再登记到所属学年。"
    en = (
        "{day} is not in the school year {year}, and each year has a register of its own. "
        "Withdraw this line, and enter it anew."
    )


class PledgeStands(Refusal):
    zh = "本学年已有一份责任书(第 {entry} 条)。如因换届等须重签,请填写 replaces 和原因。"
    en = "A pledge of this year stands (entry {entry}). To renew it, name it in replaces, with why."


class PledgeOver(Refusal):
    zh = "该责任书(第 {entry} 条)已被替换或撤回。"
    en = "This pledge (entry {entry}) was replaced or withdrawn."


class AlreadySigned(Refusal):
    zh = "本方已于 {signed_on} 签订。"
    en = "Your side signed on {signed_on}."


class BothSides(Refusal):
    zh = "同一人不能代表双方签订责任书。"
    en = "One person cannot sign for both sides."


class NamedAnother(Refusal):
    zh = "该责任书由 {person} 签订,他人不能代签。如已换人,请另发责任书。"
    en = "This pledge is {person}'s to sign. For another person, a new one is issued."


class SignedBeforeIssued(Refusal):
    zh = "签订日期 {day} 早于责任书日期 {issued_on}。请核对日期。"
    en = "The signature of {day} lies before the pledge of {issued_on}. Check the day."


# Restriction and erasure --------------------------------------------------------------------


class RecordRestricted(Refusal):
    zh = "该生档案已封存(第 {entry} 条),只作保存,不再登记。如需登记,请区教体局先解除封存。"
    en = (
        "This child's record is restricted (entry {entry}): it is kept, and nothing else. "
        "The education bureau lifts the restriction before anything is recorded."
    )


class RecordErased(Refusal):
    zh = "该生档案已依法销毁,不能再登记。"
    en = "This child's record was erased as the law demands; nothing more can be recorded."


class AlreadyRestricted(Refusal):
    zh = "该生档案已经封存(第 {entry} 条)。"
    en = "This child's record is restricted already (entry {entry})."


class NotRestricted(Refusal):
    zh = "该生档案没有封存:无可解除;申请销毁须先封存。"
    en = "This child's record is not restricted: nothing to lift, and erasure comes after it only."


class ErasurePending(Refusal):
    zh = "已有销毁申请(第 {entry} 条)等待审批。"
    en = "A request for erasure (entry {entry}) already awaits its decision."


class NoErasurePending(Refusal):
    zh = "没有等待审批的销毁申请。"
    en = "No request for erasure awaits a decision."


class CaseStillOpen(Refusal):
    zh = "该生有在办个案(目前状态为“{status_zh}”),不能销毁。请先解除封存,办结销号。"
    en = (
        "This child's case is open ({status_en}), so the record cannot be erased. "
        "Lift the restriction and close the case first."
    )


class RetentionNotBegun(Refusal):
    zh = "该生未满 {age} 周岁且仍在本区接受义务教育,保存期尚未起算,不能销毁。"
    en = (
        "The child is under {age} and still of school here, so the retention period has not begun "
        "and the record cannot be erased."
    )


class RetentionNotOver(Refusal):
    zh = "档案须保存至 {ends_on},期满后方可销毁。"
    en = "The record must be kept to {ends_on}; only after that day can it be erased."
