"""督导: everything supervision keeps, and who may read which of it."""

from starlette.responses import Response

from api.web.ledger_index import RESPONSIBILITY, Group, Kept, index_for
from api.web.routing import page
from api.web.visit import Visit

GROUPS: tuple[Group, ...] = (
    RESPONSIBILITY,
    (
        "考评",
        "Scoring",
        (
            Kept(
                "/supervision/rubrics",
                ("考评细则", "Rubrics"),
                ("考评项目、分值和依据,各版都在", "Items, points and evidence, in every version"),
                "read_rubric",
            ),
            Kept(
                "/supervision/scores",
                ("考评", "Scores"),
                (
                    "各校得分与表扬,按学校标识码,不排名",
                    "By school code, commended ones; no ranking",
                ),
                "read_scores",
            ),
            Kept(
                "/supervision/vetoes",
                ("一票否决", "Vetoes"),
                ("反弹的证据,由人决定", "The evidence of a rebound; a person decides"),
                "read_vetoes",
            ),
        ),
    ),
    (
        "约谈与公告",
        "Talks and bulletins",
        (
            Kept(
                "/supervision/talks",
                ("约谈", "Formal talks"),
                ("约谈事由、承诺和落实", "Why, what was promised, and whether it was kept"),
                "read_talks",
            ),
            Kept(
                "/supervision/bulletins",
                ("督查结果公告", "Bulletins"),
                ("发布后不再改变,不含学生姓名", "Never changed once published; no child's name"),
                "read_bulletins",
            ),
        ),
    ),
)


async def supervision(visit: Visit) -> Response:
    """List what of supervision who visits may read."""
    return visit.page(
        "ledgers.html",
        title=visit.t("督导", "Supervision"),
        lead=visit.t(
            "督查、考评、约谈与公告。系统只列出依据,决定由人作出。",
            "Inspections, scores, talks and bulletins. Evidence is shown here; people decide.",
        ),
        groups=index_for(visit, GROUPS),
    )


routes = [page("/supervision", supervision)]
