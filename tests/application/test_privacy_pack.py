"""What a district files each year: complete, counted right, and nothing of any child in it."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from psycopg_pool import AsyncConnectionPool

from api.privacy_cli import SHOWN
from application.field_purposes import PURPOSES
from application.missed_duties import WORKER
from application.privacy_pack import field_register, fields_of, kinds, pack
from application.recording import Busy
from application.retention import due
from application.roles import MAY, ROLES
from application.store.examining import counts
from application.store.finding import Examined
from application.store.log import Log
from application.store.store import Store
from application.store.streams import duties_of
from application.subjects import Subjects, Wish
from application.tracking import Ask, CaseTracking
from domain.child_duties import ChildDuties, Which
from domain.entry import Actor, Entry
from domain.rules import DEFAULT_RULES
from tests.keys import RING, vault
from tests.lives import BUREAU, START, TEACHER, a_child

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 24)
RULES = DEFAULT_RULES.on(TODAY)
OTHER = Actor("acc-other", "测癸", "bureau", "区教体局", "bureau", superior=True)
WORD = "金丝雀"
PHONE = "19912340000"
LEFT = START - timedelta(days=3000)
ENDED = date(LEFT.year + 3, LEFT.month, LEFT.day)
BASIS = {"reason": WORD, "legal_basis": WORD}
LINE = """
INSERT INTO access.access_log SELECT coalesce(max(place), 0) + 1, %s, gen_random_uuid(),
    'teacher', '晴川中学', %s, ARRAY[%s]::uuid[], ARRAY['3141000058'], %s, %s, '{}', ''
FROM access.access_log
"""


@pytest.fixture
async def tracking(prepared):
    async with AsyncConnectionPool(prepared.service_url, min_size=1, open=False) as pool:
        yield CaseTracking(
            Store(pool, vault()),
            rule_book=DEFAULT_RULES,
            number_key=b"key",
            now=lambda: datetime(2026, 11, 24, 4, tzinfo=UTC),
            zone=ZONE,
        )


async def miss(tracking, child: UUID):
    """Put on record that the papers of a child's first roll change did not come."""
    told = {"for_role": "registrar", "under": RULES.in_force_from, "person": WORD}
    return await Subjects(tracking).record(
        *(Wish(WORKER), ChildDuties, duties_of(child)),
        lambda duties, act: duties.miss(
            act, Which("missing_papers", START, 2), episode=None, school_code=None, **told
        ),
    )


@pytest.fixture
async def children(tracking) -> dict[str, UUID]:
    """One child at school, and three that left: one kept, one restricted, one erased."""
    names = ("at_school", "left", "restricted", "erased")
    drafts = [
        tracking.drafted(
            TEACHER,
            **{
                **a_child(serial),
                "name": f"{WORD}{serial}",
                "home_address": f"{WORD}路",
                "guardians": [{"name": WORD, "relation": "父亲", "phone": PHONE}],
            },
        )
        for serial in range(len(names))
    ]
    await tracking.enrol_all(TEACHER, drafts, {})
    ids = {name: draft.id for name, draft in zip(names, drafts, strict=True)}

    async def record(name: str, command: str, by=BUREAU, **facts) -> None:
        await getattr(tracking, command)(Ask(by, await tracking.child(ids[name])), **facts)

    await record(
        *("at_school", "counsel"), TEACHER, occurred_on=START, kind="psychological",
        counsellor=WORD, notes=WORD,
    )  # fmt: skip
    for name in names[1:]:
        await record(name, "change_roll", kind="21", occurred_on=LEFT, papers=[], reason=WORD)
    await miss(tracking, ids["erased"])  # a stream of its own beside the child's, erased with it
    for name in names[2:]:
        await record(name, "restrict", **BASIS)
    await record("erased", "request_erasure", **BASIS)
    await record("erased", "decide_erasure", OTHER, approve=True, note=WORD)
    return ids


def read(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text)))


def test_every_field_has_a_purpose_and_every_purpose_a_field():
    told = {(kind.entry_kind(), name) for kind in kinds() for name, _, _ in fields_of(kind)}

    assert {kind for kind in Entry.__subclasses__() if "TOPIC" in vars(kind)} == set(kinds())
    assert [
        (kind, name)
        for kind, name in sorted(told)
        if name not in PURPOSES and f"{kind}.{name}" not in PURPOSES
    ] == []
    assert PURPOSES.keys() - {name for _, name in told} - {f"{k}.{n}" for k, n in told} == set()
    assert all(zh and en for zh, en in PURPOSES.values())


def test_the_register_tells_how_fields_are_protected():
    rows = {(kind, name): rest for kind, name, *rest in field_register(SHOWN)}

    protected = {key: [cell[0] for cell in rest[-3:]] for key, rest in rows.items()}
    assert protected["enrolled", "id_number"] == ["是", "是", "否"]
    assert protected["enrolled", "guardians/phone"] == ["是", "是", "否"]
    assert protected["enrolled", "birth_date"] == ["是", "对", "否"]
    assert protected["counselling_given", "notes"] == ["是", "否", "是"]
    assert protected["corrected", "changes"] == ["是", "随", "否"]
    assert protected["enrolled", "timestamp"] == ["否", "否", "否"]
    assert rows["enrolled", "birth_date"][:2] == ["date", "是 yes"]
    assert rows["enrolled", "grade"][:2] == ["int", "否 no"]
    assert rows["home_visited", "visitors"][0] == "list of text"
    purposes = {rows[kind, "name"][2] for kind in ("enrolled", "responsible_person_named")}
    assert len(purposes) == 2


def test_who_sees_and_saw_what_is_told_and_no_child(children, connection):
    child = children["at_school"]
    recently, long_ago = datetime(2026, 10, 31, 20, tzinfo=UTC), datetime(2025, 11, 23, tzinfo=UTC)
    for at, action, outcome, reason in (
        (recently, "reveal student", "shown", WORD),
        (recently, "reveal student", "shown", None),
        (recently, "reveal student", "refused", WORD),
        (recently, "export roll", "begun", WORD),
        (recently, "export roll", "taken", WORD),
        (long_ago, "reveal student", "shown", WORD),
    ):
        connection.execute(LINE, [at, action, child, outcome, reason])
    connection.execute("INSERT INTO keys.encryption_keys VALUES ('\\x0102', now(), now())")

    files = pack(connection, TODAY, ZONE, RULES, SHOWN)

    assert read(files["access.csv"])[1:] == [
        ["2026-11", "export roll", "已开始 begun", "1", "1"],
        ["2026-11", "export roll", "已取走 taken", "1", "1"],
        ["2026-11", "reveal student", "已拒绝 refused", "1", "1"],
        ["2026-11", "reveal student", "已展示 shown", "2", "1"],
    ]
    assert read(files["disclosures.csv"])[1:] == [
        ["export roll", "1", "1"],
        ["reveal student", "2", "1"],
    ]
    assert [row[0] for row in read(files["erasures.csv"])[1:]] == [str(children["erased"])]
    assert [(row[0], bool(row[2])) for row in read(files["keys.csv"])[1:]] == [
        (RING.fingerprints[0].hex(), False),
        ("0102", True),
    ]
    heading, *steps = read(files["roles.csv"])
    assert len(heading) == 1 + len(ROLES)
    assert {
        step: {role for role, cell in zip(ROLES, cells, strict=True) if cell == "✓"}
        for step, *cells in steps
    } == MAY
    assert "年满 18 周岁" in files["README.md"]
    assert all(f"`{name}`" in files["README.md"] for name in files if name != "README.md")
    whole = "".join(files.values())
    for canary in (WORD, PHONE, *(str(id_) for name, id_ in children.items() if name != "erased")):
        assert canary not in whole


def test_what_need_not_be_kept_is_proposed_by_id_and_left_as_it_is(children, log, connection):
    before = Log(connection, vault()).head()

    found = {(one.student_id, one.ended_on, one.restricted) for one in due(log, TODAY, RULES)}

    assert found == {
        (children["left"], ENDED, False),
        (children["restricted"], ENDED, True),
    }
    assert list(due(log, ENDED, RULES)) == []
    assert len(list(due(log, ENDED + timedelta(days=1), RULES))) == 2
    assert list(due(log, TODAY, replace(RULES, retention_years=30))) == []
    assert Log(connection, vault()).head() == before


async def test_what_stands_beside_an_erased_childs_stream_is_no_other_child(
    tracking, children, connection
):
    examined = Examined(connection, (), lambda: RING, {})

    assert len(await tracking.store.load_subjects([duties_of(children["erased"])])) == 1
    assert counts(examined).en.endswith(f"of {len(children)} children, 1 of them erased")
    assert "1 条" in pack(connection, TODAY, ZONE, RULES, SHOWN)["README.md"]


@pytest.mark.parametrize("told_before", [True, False])
async def test_what_a_machine_tells_late_of_an_erased_child_cannot_be_read(
    tracking, children, connection, told_before
):
    child = children["erased" if told_before else "restricted"]
    if not told_before:
        for by, command, facts in (
            (BUREAU, "request_erasure", BASIS),
            (OTHER, "decide_erasure", {"approve": True}),
        ):
            await getattr(tracking, command)(Ask(by, await tracking.child(child)), **facts)

    with pytest.raises(Busy):
        await miss(tracking, child)

    keys = connection.execute(
        "SELECT wrapped FROM keys.children WHERE student_id = ANY(%s)", [[child, duties_of(child)]]
    ).fetchall()
    assert keys == [(None,), (None,)]
