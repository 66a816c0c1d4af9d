"""Every kind of fact that is in no child's stream, named in Chinese and English, or told."""

from application.roles import ROLES
from domain.child_duties import DutyEscalated, DutyMissed
from domain.codes import ESCALATION_LEVEL
from domain.duties import DUTY_KIND

# topic: label zh, label en
FACT_WORDS: dict[str, tuple[str, str]] = {
    "monthly_return.class_checked": ("月报:班级排查核实", "Monthly return: class checked"),
    "monthly_return.submitted": ("月报:提交", "Monthly return: submitted"),
    "monthly_return.sent_back": ("月报:退回", "Monthly return: sent back to the school"),
    "monthly_return.frozen": ("月报:冻结", "Monthly return: frozen"),
    "monthly_return.restated": ("月报:更正", "Monthly return: restated"),
    "quarterly_report.reported": ("季度末报送", "Quarterly report"),
    "inspection.planned": ("督查:计划", "Inspection: planned"),
    "inspection.plan_changed": ("督查:计划变更", "Inspection: plan changed"),
    "inspection.cancelled": ("督查:取消", "Inspection: cancelled"),
    "inspection.started": ("督查:开始", "Inspection: started"),
    "inspection.heads_counted": ("督查:点人数", "Inspection: heads counted"),
    "inspection.finding_noted": ("督查:发现问题", "Inspection: finding noted"),
    "inspection.rectified": ("督查:整改", "Inspection: finding put right"),
    "inspection.rectification_accepted": ("督查:整改销号", "Inspection: finding closed"),
    "inspection.rectification_rejected": ("督查:退回重改", "Inspection: sent back"),
    "inspection.ended": ("督查:结束", "Inspection: ended"),
    "duties.missed": ("应办事项逾期", "Duty missed"),
    "duties.escalated": ("逾期事项升级", "Missed duty escalated"),
    "register.entered": ("登记簿登记", "Entered in a register"),
    "register.corrected": ("登记簿更正(撤销)", "Register line corrected or withdrawn"),
    "pledge.issued": ("发责任书", "Pledge issued"),
    "pledge.signed": ("签订责任书", "Pledge signed"),
    "pledge.withdrawn": ("撤回责任书", "Pledge withdrawn"),
    "bulletin.drafted": ("公告拟稿", "Bulletin drafted"),
    "bulletin.published": ("公告发布", "Bulletin published"),
    "talk.held": ("约谈", "Formal talk held"),
    "talk.followed_up": ("约谈跟进", "Formal talk followed up"),
    "veto.decided": ("一票否决决定", "Veto decided upon"),
    "score.given": ("考评", "Score given"),
    "score.corrected": ("考评更正", "Score corrected"),
    "score.commended": ("考评表扬", "Commended for a score"),
    "rules.deadlines_set": ("施行期限", "Deadlines put in force"),
    "rules.holidays_set": ("施行放假通知", "Holidays put in force"),
    "rules.days_set": ("停课与补课", "Days closed and opened"),
    "rules.terms_set": ("施行学期起止", "Terms put in force"),
    "rubric.issued": ("印发考评细则", "Rubric issued"),
}


def fact_label(topic: str, language: str) -> str:
    """Name a kind of fact for people; one without words by what it is stored as."""
    words = FACT_WORDS.get(topic)
    return words[language == "en"] if words else topic.partition(".")[2]


def duty_sentence(fact: DutyMissed | DutyEscalated, language: str) -> str:
    """Tell in a sentence that a duty was missed, or that it rose, and who was told."""
    english = language == "en"
    kind, day = DUTY_KIND.label(fact.kind, language), fact.due_on
    if isinstance(fact, DutyMissed):
        role, told = ROLES[fact.for_role][english], ROLES[fact.told][english]
        if english:
            whose = f"{role} {fact.person}" if fact.person else role
            return f"{kind}: due on {day} from the {whose}, not done; the {told} is told."
        return f"{kind}应于{day}前由{role}{fact.person or ''}完成,未完成,告知{told}。"
    role = ROLES[fact.to_role][english]
    level = ESCALATION_LEVEL.label(fact.level, language)
    if english:
        whose = f"{role} {fact.person}" if fact.person else role
        return f"{kind}: due on {day}, still not done; up to level {level}, to the {whose}."
    return f"{kind}应于{day}前完成,仍未完成,升级至{level}一级,由{role}{fact.person or ''}负责。"
