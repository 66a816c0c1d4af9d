"""The CRUD application a team would write instead: FastAPI, SQLAlchemy, a row of audit a change."""

import hashlib
import os
import secrets
import sys
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import uvicorn
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from fastapi import Depends, FastAPI, Form, HTTPException
from fastapi.security import OAuth2PasswordBearer
from psycopg.conninfo import conninfo_to_dict
from pydantic import BaseModel, Field
from sqlalchemy import DateTime, ForeignKey, create_engine, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DRIVER = "postgresql+psycopg://"
MOMENT = DateTime(timezone=True)
HASHER = PasswordHasher()


def now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    type_annotation_map = {dict[str, Any]: JSONB, list[str]: JSONB, datetime: MOMENT}  # noqa: RUF012


class Account(Base):
    __tablename__ = "accounts"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    username: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str]
    role: Mapped[str]
    school_code: Mapped[str]


class SignIn(Base):
    __tablename__ = "sign_ins"
    token: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    ends_at: Mapped[datetime]


class Student(Base):
    __tablename__ = "students"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]
    student_number: Mapped[str] = mapped_column(unique=True)
    school_code: Mapped[str] = mapped_column(index=True)
    grade: Mapped[int]
    class_name: Mapped[str]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id", use_alter=True))


class Case(Base):
    __tablename__ = "cases"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    student_id: Mapped[UUID] = mapped_column(ForeignKey("students.id"), index=True)
    status: Mapped[str] = mapped_column(index=True)
    first_absent_on: Mapped[date]
    seen_on: Mapped[date | None]
    close_reason: Mapped[str | None]
    visits: Mapped[int] = mapped_column(default=0)
    persuasions: Mapped[int] = mapped_column(default=0)


class Entry(Base):
    __abstract__ = True
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    occurred_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(default=now)
    recorded_by: Mapped[UUID]


class HomeVisit(Entry):
    __tablename__ = "home_visits"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    mode: Mapped[str]
    visitors: Mapped[list[str]]
    met: Mapped[list[str]]
    guardian_view: Mapped[str | None]
    next_step: Mapped[str | None]


class Persuasion(Entry):
    __tablename__ = "persuasions"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    persuaders: Mapped[dict[str, Any]]
    met: Mapped[list[str]]
    outcome: Mapped[str]


class Audit(Base):
    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    account_id: Mapped[UUID]
    student_id: Mapped[UUID] = mapped_column(index=True)
    action: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


class AbsenceFlag(BaseModel):
    first_absent_on: date
    absence_kind: Literal["truancy", "sick_leave", "not_reported"]
    days: int = Field(ge=1)
    found_by: str


class Visit(BaseModel):
    occurred_on: date
    mode: str
    visitors: list[str] = Field(min_length=1)
    met: list[str] = Field(min_length=1)
    guardian_view: str | None = None
    next_step: str | None = None


class Persuader(BaseModel):
    name: str
    unit: str
    level: str


class Attempt(BaseModel):
    occurred_on: date
    persuaders: list[Persuader] = Field(min_length=1)
    met: list[str]
    outcome: Literal["agreed", "refused"]


class Return(BaseModel):
    seen_on: date
    class_name: str
    confirmed_by: str


class CloseOut(BaseModel):
    reason: str
    papers: list[dict[str, str]]


app = FastAPI(openapi_url=None)
engine = create_async_engine(
    DRIVER,
    connect_args=conninfo_to_dict(os.environ.get("CRUD_URL", "")),
    pool_size=16,
    max_overflow=0,
)
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


Database = Annotated[AsyncSession, Depends(session)]
Token = Annotated[str, Depends(OAuth2PasswordBearer("/v1/token"))]


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def signed_in(token: Token, db: Database) -> Account:
    found = await db.scalar(
        select(Account)
        .join(SignIn, SignIn.account_id == Account.id)
        .where(SignIn.token == digest(token), SignIn.ends_at > now())
    )
    if found is None:
        raise HTTPException(401)
    return found


Me = Annotated[Account, Depends(signed_in)]


@app.post("/v1/token")
async def sign_in(
    db: Database, username: Annotated[str, Form()], password: Annotated[str, Form()]
) -> dict[str, str]:
    account = await db.scalar(select(Account).where(Account.username == username))
    try:
        HASHER.verify(account.password if account else "", password)
    except VerifyMismatchError:
        raise HTTPException(401) from None
    assert account is not None
    token = secrets.token_urlsafe(32)
    ends_at = now() + timedelta(hours=8)
    db.add(SignIn(token=digest(token), account_id=account.id, ends_at=ends_at))
    await db.commit()
    return {"access_token": token}


async def at_hand(db: AsyncSession, me: Account, student_id: UUID) -> tuple[Student, Case | None]:
    """Lock the child for this change, with its open case."""
    row = (
        await db.execute(
            select(Student, Case)
            .outerjoin(Case, Case.id == Student.case_id)
            .where(Student.id == student_id)
            .with_for_update(of=Student)
        )
    ).one_or_none()
    if row is None or row[0].school_code != me.school_code:
        raise HTTPException(404)
    return row[0], row[1]


def told(case: Case) -> dict[str, Any]:
    return {
        "status": case.status,
        "seen_on": case.seen_on.isoformat() if case.seen_on else None,
        "close_reason": case.close_reason,
        "visits": case.visits,
        "persuasions": case.persuasions,
    }


async def record(
    db: AsyncSession, me: Account, case: Case, action: str, before: dict[str, Any]
) -> dict[str, Any]:
    """Save what changed with its line in the audit table, in one transaction."""
    await db.flush()
    after = told(case)
    db.add(
        Audit(
            account_id=me.id,
            student_id=case.student_id,
            action=action,
            before=before,
            after=after,
        )
    )
    await db.commit()
    return after


@app.post("/v1/students/{student_id}/absence-flags", status_code=201)
async def flag(student_id: UUID, body: AbsenceFlag, db: Database, me: Me) -> dict[str, Any]:
    student, case = await at_hand(db, me, student_id)
    if case is not None and case.status != "closed":
        raise HTTPException(409, "a case is open")
    case = Case(
        id=uuid4(),
        student_id=student.id,
        status="watched",
        first_absent_on=body.first_absent_on,
        visits=0,
        persuasions=0,
    )
    db.add(case)
    await db.flush()
    student.case_id = case.id
    return await record(db, me, case, "flag", {})


@app.post("/v1/students/{student_id}/home-visits", status_code=201)
async def visit(student_id: UUID, body: Visit, db: Database, me: Me) -> dict[str, Any]:
    _, case = await at_hand(db, me, student_id)
    if case is None or case.status == "closed":
        raise HTTPException(409, "no open case")
    before = told(case)
    db.add(HomeVisit(case_id=case.id, recorded_by=me.id, **body.model_dump()))
    case.visits += 1
    return await record(db, me, case, "visit", before)


@app.post("/v1/students/{student_id}/persuasion-attempts", status_code=201)
async def persuade(student_id: UUID, body: Attempt, db: Database, me: Me) -> dict[str, Any]:
    _, case = await at_hand(db, me, student_id)
    if case is None or case.status == "closed":
        raise HTTPException(409, "no open case")
    before = told(case)
    db.add(Persuasion(case_id=case.id, recorded_by=me.id, **body.model_dump()))
    case.persuasions += 1
    return await record(db, me, case, "persuade", before)


@app.post("/v1/students/{student_id}/returns", status_code=201)
async def returned(student_id: UUID, body: Return, db: Database, me: Me) -> dict[str, Any]:
    student, case = await at_hand(db, me, student_id)
    if case is None or case.status in {"closed", "returned"}:
        raise HTTPException(409, "nobody to return")
    if body.seen_on < case.first_absent_on:
        raise HTTPException(409, "seen before the absence")
    before = told(case)
    case.status, case.seen_on = "returned", body.seen_on
    student.class_name = body.class_name
    return await record(db, me, case, "return", before)


@app.post("/v1/students/{student_id}/close-out-requests", status_code=201)
async def close(student_id: UUID, body: CloseOut, db: Database, me: Me) -> dict[str, Any]:
    _, case = await at_hand(db, me, student_id)
    if case is None or case.status != "returned":
        raise HTTPException(409, "not returned")
    before = told(case)
    case.status, case.close_reason = "closed", body.reason
    return await record(db, me, case, "close", before)


def prepare(url: str, username: str, password: str, children: int) -> list[str]:
    """Make the tables, one account and its school's children; return the children's ids."""
    made = create_engine(DRIVER, connect_args=conninfo_to_dict(url))
    Base.metadata.create_all(made)
    with Session(made) as db:
        account = {"username": username, "role": "principal", "school_code": "3141000058"}
        db.add(Account(password=HASHER.hash(password), **account))
        students = [
            Student(
                id=uuid4(),
                name="测小舟",
                student_number=f"G{n:018d}",
                school_code="3141000058",
                grade=7,
                class_name="1班",
            )
            for n in range(children)
        ]
        db.add_all(students)
        db.commit()
        ids = [str(student.id) for student in students]
    made.dispose()
    return ids


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
