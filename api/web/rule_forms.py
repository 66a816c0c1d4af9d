"""施行规则: the forms that put deadlines, a year's holidays and terms in force."""

from typing import Any

from starlette.routing import Route

from api.rule_words import RULE
from api.schemas.rules import DaysBody, DeadlinesBody, HolidaysBody, TermsBody
from api.web.act_forms import ActForm, form_pages
from api.web.asked import number
from api.web.fields import Field, called, fields_of, shaped
from api.web.reading import BETWEEN, body_of
from api.web.sent import Sent
from api.web.visit import Visit

HERE = "/admin/rules"
LADDER = "observation_ladder"
BEGINS = (
    *("in_force_from", "reason", "first_visit_school_days", "persuasion_every_days"),
    *(LADDER, "order_days"),
)


def back(visit: Visit) -> tuple[str, str]:
    return HERE, visit.t("规则与校历", "Rules and calendar")


async def deadlines_form(visit: Visit) -> ActForm:
    """Give the form of deadlines; each says what is in force, and stays if nothing is typed."""
    told = (await visit.ask.get("/v1/rules")).body["deadlines"]
    now = {one["name"]: one["value"] for one in told}
    names: dict[str, dict[str, Any]] = {
        name: {
            "called": called(
                f"{RULE.label(name, 'zh')},现为 {said(now[name], '是', '否')}",
                f"{RULE.label(name, 'en')}; now {said(now[name], 'yes', 'no')}",
            )
        }
        for name in now
    }
    names[LADDER]["kind"] = "line"
    names["in_force_from"] = {"called": called("自哪天起施行", "In force from")}
    names["reason"] = {"called": called("依据(文件名称或文号)", "By what decision")}
    return ActForm(
        title=visit.t("施行期限", "Put deadlines in force"),
        fields=shaped(fields_of(DeadlinesBody), names),
        sent_to="/v1/rules/deadlines",
        then=HERE,
        back=back(visit),
        about=visit.t(
            "只填要改的,留空的照旧。施行日之后开始的个案按新期限;已开始的个案不变。",
            "Fill in what is to change; the rest stays. It holds for what begins from that day on.",
        ),
        begins=BEGINS,
        button=visit.t("施行", "Put in force"),
        body=with_ladder,
    )


def said(value: Any, yes: str, no: str) -> str:
    """Write a deadline as it is in force."""
    if isinstance(value, bool):
        return yes if value else no
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def with_ladder(fields: tuple[Field, ...], typed_in: Sent) -> dict[str, Any]:
    """Give the body, the days of observation as numbers where they are."""
    body = body_of(fields, typed_in)
    if LADDER in body:
        body[LADDER] = [
            int(step) if step.isascii() and step.isdigit() and len(step) < len("9999") else step
            for step in map(str.strip, BETWEEN.split(body[LADDER]))
        ]
    return body


async def holidays_form(visit: Visit) -> ActForm:
    """Give the form of a year's holidays, for days to come."""
    return ActForm(
        title=visit.t("施行放假通知", "Put a year's holidays in force"),
        fields=shaped(
            fields_of(HolidaysBody),
            {
                "year": {"called": called("哪一年的通知", "For the year")},
                "text": {"called": called("通知全文", "The whole text of the notice")},
                "source": {"called": called("发文字号", "Number of the notice")},
                "accept_missing": {
                    "called": called(
                        "通知未提到的节日确不放假",
                        "Festivals it says nothing of have no day off indeed",
                    )
                },
            },
        ),
        sent_to="/v1/rules/holidays",
        then=HERE,
        back=back(visit),
        known={"year": visit.service.tracking.today().year + 1},
        about=visit.t(
            "已过去的日子不变;以后的日子按通知,到期日随之推算。",
            "Days that are over stay; days to come are the notice's, and what is due follows them.",
        ),
        button=visit.t("施行", "Put in force"),
    )


async def days_form(visit: Visit) -> ActForm:
    """Give the form of single days without school, and of others with it."""
    apart = ("用顿号隔开,如 2027-06-10、2027-06-11", "with commas between, as 2027-06-10")
    days = {
        "closed": (f"停课的日子({apart[0]})", f"Days without school ({apart[1]})"),
        "opened": (f"补课的日子({apart[0]})", f"Days with school ({apart[1]})"),
        "source": ("依据(文件名称或文号)", "By what notice"),
    }
    return ActForm(
        title=visit.t("停课与补课", "Close and open days"),
        fields=shaped(
            fields_of(DaysBody),
            {name: {"called": called(*words), "kind": "line"} for name, words in days.items()},
        ),
        sent_to="/v1/rules/days",
        then=HERE,
        back=back(visit),
        about=visit.t(
            "全区各校,今天以后、学期以内的日子;到期日随之顺延。取消停课,把那天填在补课里。",
            "Of all schools, days to come within a term; what is due follows them. "
            "A closure is taken back by opening the day.",
        ),
        begins=("closed", "opened", "source"),
        button=visit.t("施行", "Put in force"),
        body=with_days,
    )


def with_days(fields: tuple[Field, ...], typed_in: Sent) -> dict[str, Any]:
    """Give the body, days that stand in one line apart."""
    body = body_of(fields, typed_in)
    for name in ("closed", "opened"):
        if name in body:
            body[name] = [day.strip() for day in BETWEEN.split(body[name]) if day.strip()]
    return body


async def terms_form(visit: Visit) -> ActForm:
    """Give the form of a school year's terms, with those known."""
    asked = number(visit, "school_year")
    told = (await visit.ask.get("/v1/rules", {"school_year": asked})).body
    autumn, spring = told["terms"]
    days = {
        "school_year": ("学年(填开始的那一年)", "School year, by the year it begins in"),
        "autumn_from": ("秋季学期开学", "Autumn term from"),
        "autumn_to": ("秋季学期结束", "Autumn term to"),
        "spring_from": ("春季学期开学", "Spring term from"),
        "spring_to": ("春季学期结束", "Spring term to"),
        "source": ("依据(文件名称或文号)", "By what notice"),
    }
    return ActForm(
        title=visit.t("施行学期起止", "Put terms in force"),
        fields=shaped(
            fields_of(TermsBody), {name: {"called": called(*words)} for name, words in days.items()}
        ),
        sent_to="/v1/rules/terms",
        then=HERE,
        back=back(visit),
        known={
            "school_year": told["school_year"],
            "autumn_from": autumn["from"],
            "autumn_to": autumn["to"],
            "spring_from": spring["from"],
            "spring_to": spring["to"],
        },
        about=visit.t(
            "已经开始或结束的学期日期不能改。", "A day of a term that is over cannot be changed."
        ),
        button=visit.t("施行", "Put in force"),
    )


routes: list[Route] = [
    *form_pages("/admin/rules/deadlines", deadlines_form, "change_rules"),
    *form_pages("/admin/rules/holidays", holidays_form, "change_rules"),
    *form_pages("/admin/rules/days", days_form, "change_rules"),
    *form_pages("/admin/rules/terms", terms_form, "change_rules"),
]
