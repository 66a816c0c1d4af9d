"""What each step somebody may take is called, as the access log tells of those refused or taken."""

from domain.code_list import CodeList

STEP = CodeList.read(
    "步骤",
    "domain.md sections 1 and 3",
    """
    enrol                | 建档入册           | Put a child on the roll
    change_roll          | 登记学籍异动       | Record a roll change
    receive_papers       | 补交异动材料       | Hand in papers of a roll change
    issue_notice         | 发放入学通知书     | Issue an enrolment notice
    issue_notices        | 批量发放入学通知书 | Issue enrolment notices
    screen_no_shows      | 排查应入未入       | Look for children who did not report
    admit                | 登记新生报到       | Admit a child
    promote              | 升级与毕业         | Promote a school
    hand_over            | 交接               | Hand children over
    assign_key_group     | 标记重点群体       | Mark a key group
    end_key_group        | 结束重点群体标记   | End a key group
    flag_absence         | 登记缺勤预警       | Flag an absence
    suspect              | 核实疑似辍学       | Verify a suspected dropout
    name_responsible     | 确定责任人         | Name who is responsible
    visit_home           | 登记家访           | Record a home visit
    counsel              | 登记疏导与辅导     | Record counselling
    persuade             | 登记劝返           | Record a persuasion attempt
    support              | 登记帮扶           | Record support
    report               | 书面报告           | Report in writing
    report_to_township   | 书面报告乡镇       | Report to the township
    report_to_bureau     | 书面报告教体局     | Report to the bureau
    issue_order          | 责令限期改正       | Order correction
    serve_order          | 登记送达           | Record the service of an order
    take_legal_action    | 登记依法处置       | Record legal action
    refer                | 转介               | Refer a child
    answer_referral      | 答复转介           | Answer a referral
    confirm_return       | 登记返校           | Record a return
    observe_attendance   | 登记返校观察       | Record an observation
    assign_home_teaching | 安排送教上门       | Arrange home teaching
    teach_at_home        | 登记送教           | Record home teaching
    place                | 安置               | Arrange a placement
    lose_contact         | 登记失联           | Record lost contact
    mark_dropout         | 标记辍学           | Mark a dropout
    confirm_dropout      | 确认辍学           | Confirm a dropout
    request_close_out    | 申请销号           | Ask for close-out
    decide_close_out     | 审批销号           | Decide a close-out
    request_transfer     | 申请转学           | Ask for a transfer
    decide_transfer      | 答复转学           | Answer a transfer
    change_rules         | 施行规则与校历     | Put rules and calendar in force
    correct              | 更正               | Correct an entry
    restrict             | 封存               | Restrict a record
    lift_restriction     | 解除封存           | Lift a restriction
    request_erasure      | 申请销毁           | Ask for erasure
    decide_erasure       | 审批销毁           | Decide an erasure
    read                 | 查看学生           | Read a child
    read_entry           | 查看记录           | Read an entry
    read_referral        | 查看转介           | Read a referral
    count_cases          | 查看全区数字       | Read the counts of cases
    export               | 导出               | Take a file
    reveal               | 完整查看           | See in full
    import_roll          | 导入学籍           | Import the roll
    call_roll            | 点名               | Call the roll
    read_attendance      | 查看点名           | Read roll-calls
    watch_access         | 查看访问记录       | Read the access log
    break_glass          | 紧急查看           | Break the glass
    watch_glass          | 查看紧急查看记录   | Read who broke the glass
    tell_who_sees        | 查看谁能查看       | See who can see
    take_evidence        | 取证据文件         | Take the evidence
    open_evidence        | 取可读的证据       | Take the evidence with its key
    keep_register        | 登记会议文件等     | Keep a register
    read_register        | 查看登记簿         | Read a register
    issue_pledge         | 发责任书           | Issue a pledge
    sign_pledge          | 签订责任书         | Sign a pledge
    read_pledge          | 查看责任书         | Read pledges
    watch_log            | 查看日志           | Read the log
    try_notice           | 试读放假通知       | Try a holiday notice
    check_class          | 核实班级           | Check a class off
    submit_return        | 报送月报           | Submit a monthly return
    decide_return        | 审核月报           | Decide a monthly return
    read_return          | 查看月报           | Read a monthly return
    watch_returns        | 查看月报总览       | Read the monthly returns
    read_return_rows     | 查看月报明细       | Read the rows of a monthly return
    report_quarter       | 报送季报           | Submit a quarterly report
    read_quarter         | 查看季报           | Read quarterly reports
    plan_inspection      | 制定督查计划       | Plan an inspection
    inspect              | 督查               | Inspect
    rectify              | 登记整改           | Put a finding right
    read_inspections     | 查看督查           | Read inspections
    keep_webhooks        | 管理系统对接       | Keep webhooks
    watch_notices        | 查看发件箱         | Read the outbox
    retry_notice         | 重发通知           | Send a notice again
    issue_rubric         | 印发考评细则       | Issue a rubric
    read_rubric          | 查看考评细则       | Read rubrics
    publish_bulletin     | 发布公告           | Publish a bulletin
    read_bulletin_drafts | 查看公告草稿       | Read drafts of bulletins
    read_bulletins       | 查看公告           | Read bulletins
    talk                 | 约谈               | Record a talk
    read_talks           | 查看约谈           | Read talks
    decide_veto          | 一票否决           | Decide a veto
    read_vetoes          | 查看一票否决       | Read vetoes
    score                | 考评               | Score a school
    commend              | 表扬               | Commend a school
    read_scores          | 查看考评           | Read scores
    """,
)
