"""通知方式: where a person is told, and whether to get the daily digest."""

from api.schemas.notices import ChoiceBody
from api.web.act_forms import ActForm, form_pages
from api.web.fields import called, fields_of, shaped
from api.web.visit import Visit

CONTRACT, HERE = "/v1/my/notices", "/my-notices"
FIELDS = shaped(
    fields_of(ChoiceBody),
    {
        "email": {"kind": "line"},
        "phone": {"called": called("手机号", "Phone number")},
        "digest": {"called": called("每个上课日提醒我", "Tell me each school day")},
    },
)


async def choice_form(visit: Visit) -> ActForm:
    """Give the form of one's own choice, filled in with it."""
    return ActForm(
        title=visit.t("通知方式", "How I am told"),
        fields=FIELDS,
        sent_to=CONTRACT,
        then=HERE,
        back=("/", visit.t("我的工作", "My work")),
        known=(await visit.ask.get(CONTRACT)).body,
        about=visit.t(
            "提醒只有件数:今天到期、已逾期、等您处理的各多少,不含学生姓名。有邮箱发邮箱,没有邮箱发手机。",
            "A message holds counts alone: due, overdue, awaiting you; no child's name. It goes to"
            " the e-mail address, or to the phone where there is none.",
        ),
        method="PUT",
    )


routes = form_pages(HERE, choice_form)
