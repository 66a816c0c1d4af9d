"""The papers each roll change (学籍异动) demands, and from where the demand comes."""

from domain.code_list import CodeList
from domain.codes import ROLL_CHANGE, missing_papers
from domain.entry import Paper

TRANSFER, GRADUATION = "transfer", "graduation"  # roll changes with entries of their own
# The roll changes as the register (学籍异动登记表) lists them: XJYDLB, and those two.
REGISTERED_CHANGE = CodeList(
    "学籍异动登记类别",
    "L: JY/T 1001 XJYDLB; D",
    [
        *ROLL_CHANGE.values(),
        *CodeList.read(
            "",
            "D",
            f"{TRANSFER} | 区内转学 | Transfer within the district\n"
            f"{GRADUATION} | 毕业 | Graduation",
        ).values(),
    ],
)
TRANSFER_ANSWER = CodeList.read(
    "转学答复",
    "D",
    """
    pending  | 待接收学校答复 | Awaits the receiving school
    accepted | 已接收 | Taken in
    rejected | 未接收 | Not taken in
    """,
)
# One paper of each group is demanded. P: what county forms ask for, D: our own choice among it.
# domain.md section 5 names the kinds; section 2 asks that a change without them shows as such.
ROLL_CHANGE_PAPERS: dict[str, tuple[frozenset[str], ...]] = {
    "11": (frozenset({"medical_proof", "approval"}),),  # P
    "12": (frozenset({"approval", "medical_proof"}),),  # P
    "21": (frozenset({"host_school_letter", "guardian_application"}),),  # P
    "22": (  # P
        frozenset({"roll_extract", "host_school_letter", "guardian_application", "approval"}),
    ),
    "29": (),  # D: the school's own decision
    "51": (frozenset({"death_certificate"}),),  # P; as the close-out reason C11
    TRANSFER: (frozenset({"guardian_application", "approval"}),),  # P: the guardian asks for it
    GRADUATION: (),  # D: the promotion of the whole school is its proof
}


def papers_missing(kind: str, papers: list[Paper]) -> list[list[str]]:
    """Name each group of papers a roll change demands and of which none was given."""
    missing = missing_papers(ROLL_CHANGE_PAPERS.get(kind, ()), [paper["kind"] for paper in papers])
    return [sorted(group) for group in missing]
