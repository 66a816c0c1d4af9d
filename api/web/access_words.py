"""What a line of the access log says was done, in words."""

from api.ledger_forms import FORMS
from api.web.step_words import STEP

VERBS = {"view": ("查看", "Saw"), "reveal": ("完整查看", "Saw in full"), "export": ("导出", "Took")}
THINGS = {
    "student": ("学生档案", "a child's record"),
    "students": ("学生名单", "the list of children"),
    "history": ("完整历史", "the history"),
    "entry": ("单条记录", "one entry"),
    "difference": ("变化", "what changed"),
    "duties": ("要办的事", "what is due"),
    "evidence": ("证据文件", "the evidence"),
    "access-log": ("访问记录", "the access log"),
    "who-can-see": ("谁能查看", "who can see"),
    "break-glass": ("紧急查看记录", "who broke the glass"),
    "changes": ("最新变更", "what was recorded lately"),
    "log entries": ("日志条目", "entries of the log"),
    "referral": ("转介", "a referral"),
    "referrals": ("转介", "referrals"),
    "attendance": ("点名", "roll-calls"),
    "pledge": ("责任书", "a pledge"),
    "pledges": ("责任书", "pledges"),
    "inspections": ("督查", "inspections"),
    "import_roll": ("学籍导入核对表", "the roll import's report"),
    "monthly-return": ("月报", "the monthly return"),
    "monthly-return rows": ("月报明细", "the rows of a monthly return"),
    "form code": ("表格核对码", "a form's code"),
    "transfer": ("转学申请", "a transfer"),
    "vetoes": ("一票否决的证据", "the evidence for vetoes"),
    "scores": ("考评", "scores"),
    "talks": ("约谈", "talks"),
    "bulletin": ("督查结果公告", "a bulletin"),
    "indicators": ("指标", "the indicators"),
}
KINDS = {
    "ledger": ("台账", "a ledger"),
    "worklist": ("待办", "the worklist"),
    "register": ("登记簿", "a register"),
    "form": ("打印表格", "a printed form"),
    "cases": ("指标背后的个案", "the cases behind a figure"),
    "attendance": ("点名", "roll-calls"),
    "monthly-return": ("月报", "a monthly return"),
}
DEEDS = {
    "list accounts": ("查看账号名单", "Saw the accounts"),
    "accounts": ("管理账号", "Administered accounts"),
    "make account": ("开立账号", "Made an account"),
    "give post": ("增加岗位", "Gave a post"),
    "end post": ("结束岗位", "Ended a post"),
    "reset account": ("重置凭据", "Reset an account"),
    "revoke account": ("撤销账号", "Revoked an account"),
    "break glass": ("紧急查看", "Broke the glass"),
    "list": ("查看名单", "Read a list"),
    "publish indicators": ("按可公布口径看指标", "Read figures as may be published"),
    "read form code": ("查表格核对码", "Read a form's code"),
    "indicators": ("查看指标", "Read the indicators"),
}


def action_words(action: str, language: str) -> str:
    """Give an action in words: a step by its name; one without words as it stands."""
    english = language == "en"
    verb, _, thing = action.partition(" ")
    if verb in VERBS and thing:
        if thing in FORMS:
            return VERBS[verb][english] + (" " if english else "") + FORMS[thing].titled(language)
        named = THINGS.get(thing) or KINDS.get(thing.partition(" ")[0])
        if named:
            return VERBS[verb][english] + (" " if english else "") + named[english]
    for begins, words in DEEDS.items():
        if action == begins or action.startswith(begins + " "):
            return words[english]
    return STEP.label(verb, language) if verb in STEP else action
