"""Every view there is, in the order they are written."""

from projections.dropout_control_ledger import DropoutControlLedger
from projections.duties import Duties
from projections.enrolment_notice_register import EnrolmentNoticeRegister
from projections.history import History
from projections.home_teaching_ledger import HomeTeachingLedger
from projections.mobility import Mobility
from projections.registers import (
    CounsellingRegister,
    HomeTeachingSessions,
    HomeVisitRegister,
    PersuasionRegister,
    ReferralRegister,
)
from projections.return_to_school_ledger import ReturnToSchoolLedger
from projections.roll_change_register import RollChangeRegister
from projections.school_age_ledger import SchoolAgeLedger
from projections.students import Students
from projections.view import View

VIEWS: tuple[View, ...] = (
    Students(),
    History(),
    DropoutControlLedger(),
    ReturnToSchoolLedger(),
    HomeTeachingLedger(),
    HomeVisitRegister(),
    PersuasionRegister(),
    HomeTeachingSessions(),
    CounsellingRegister(),
    ReferralRegister(),
    RollChangeRegister(),
    EnrolmentNoticeRegister(),
    Mobility(),
    Duties(),
    SchoolAgeLedger(),
)
BY_NAME = {view.name: view for view in VIEWS}
