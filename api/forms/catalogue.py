"""Every form there is: its name, letters, title, the entry it is about, and how it is set."""

from collections.abc import Callable
from dataclasses import dataclass

from api.forms.care_forms import home_teaching_session, home_visit, persuasion
from api.forms.duty_forms import responsibility_pledge, written_report
from api.forms.notices import enrolment_notice, order, persuasion_notice
from api.forms.sheet import Sheet
from api.forms.subject import Subject
from domain.care import HomeTeachingGiven, HomeVisited, PersuasionAttempted
from domain.enrolment_notices import EnrolmentNoticeIssued
from domain.entry import Entry
from domain.escalation import OrderIssued, WrittenReportFiled


@dataclass(frozen=True, slots=True)
class Form:
    """
    One printed form.

    ``letters`` begin its codes; ``entry`` is the kind of entry it is about, if any, and
    ``needed`` whether there must be one; ``setting`` is missing for the one form that is a whole
    history and has no blank.
    """

    name: str
    letters: str
    title: str
    title_en: str
    entry: type[Entry] | None = None
    setting: Callable[[Subject], Sheet] | None = None
    needed: bool = True


CASE_FILE = "case-file"
FORMS = {
    form.name: form
    for form in (
        Form("home-visit", "JF", "家访登记表", "Home visit", HomeVisited, home_visit),
        Form(
            *("persuasion", "QF", "劝返工作记录", "Persuasion attempt"),
            *(PersuasionAttempted, persuasion),
        ),
        Form(
            *("written-report", "SB", "疑似辍学学生书面报告", "Written report"),
            *(WrittenReportFiled, written_report),
        ),
        Form("order", "ZL", "责令限期改正通知书", "Order to correct", OrderIssued, order),
        Form(
            *("persuasion-notice", "QX", "劝学通知书", "Notice to return to school"),
            *(None, persuasion_notice),
        ),
        Form(
            *("enrolment-notice", "RX", "入学通知书", "Enrolment notice"),
            *(EnrolmentNoticeIssued, enrolment_notice),
            needed=False,
        ),
        Form(
            *("home-teaching-session", "SJ", "送教上门记录", "Home-teaching session"),
            *(HomeTeachingGiven, home_teaching_session),
        ),
        Form(
            *("responsibility-pledge", "ZR", "控辍保学责任书", "Responsibility pledge"),
            *(None, responsibility_pledge),
        ),
        Form(CASE_FILE, "YA", "一人一案", "Case file"),
    )
}
BY_LETTERS = {form.letters: form for form in FORMS.values() if form.setting is not None}
