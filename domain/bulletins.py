"""Bulletins (督查结果公告): drafted of inspections and scores, frozen once published; no child."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from domain.child_names import Found, tells_few
from domain.code_list import CodeList
from domain.entry import Act
from domain.refusals import NoSuchEntry
from domain.subject import Fact, Subject
from domain.supervision_refusals import (
    AlreadyPublished,
    MayNameChild,
    NamesChild,
    SchoolNotConcerned,
    TellsFewChildren,
)

BULLETIN_STATE = CodeList.read(
    "公告状态",
    "S2; D",
    """
    draft     | 草稿   | Draft
    published | 已公告 | Published
    """,
)


class Summary(TypedDict):
    """What the bulletin says of one school, in the drafter's words."""

    school_code: str
    text: str


class BulletinDrafted(Fact):
    """
    A bulletin was drafted: whose inspections and scores it tells of, and the words around them.

    ``scores`` are ids; ``confirmed`` names the fields in which a person saw that no child is meant.
    """

    TOPIC = "bulletin.drafted"

    title: str
    period: str
    text: str
    inspections: list[str]
    scores: list[str]
    summaries: list[Summary]
    confirmed: list[str]

    def apply(self, subject: Any) -> None:
        subject.bulletins[self.originator_version] = Bulletin(self)

    @property
    def words(self) -> Iterator[tuple[str, str]]:
        """Every free text, under the pointer of its field."""
        return words_of(self.title, self.text, self.summaries)


def words_of(title: str, text: str, summaries: Sequence[Summary]) -> Iterator[tuple[str, str]]:
    yield "/title", title
    yield "/text", text
    for n, summary in enumerate(summaries):
        yield f"/summaries/{n}/text", summary["text"]


class BulletinPublished(Fact):
    """A bulletin was published: ``content`` as it stood at ``position``, for ever."""

    TOPIC = "bulletin.published"

    entry: int
    content: dict[str, Any]
    position: int

    def apply(self, subject: Any) -> None:
        if bulletin := subject.bulletins.get(self.entry):
            bulletin.published = self


@dataclass
class Bulletin:
    """A bulletin as it was drafted, and published if it is."""

    drafted: BulletinDrafted
    published: BulletinPublished | None = None

    @property
    def entry(self) -> int:
        return self.drafted.originator_version

    @property
    def state(self) -> str:
        """The code of ``BULLETIN_STATE``."""
        return "published" if self.published else "draft"


class Bulletins(Subject):
    """The bulletins drafted in one school year."""

    SUBJECT = "bulletin"

    bulletins: dict[int, Bulletin]

    def begin(self) -> None:
        self.bulletins = {}

    def bulletin(self, entry: int) -> Bulletin:
        """
        Give a bulletin.

        :raises NoSuchEntry: if none was drafted there
        """
        if entry not in self.bulletins:
            raise NoSuchEntry(entry=entry)
        return self.bulletins[entry]

    def draft(
        self,
        act: Act,
        *,
        title: str,
        period: str,
        text: str,
        inspections: Sequence[str],
        scores: Sequence[str],
        concerned: Sequence[str],
        found: Mapping[str, Found],
        summaries: Sequence[Summary] = (),
        confirmed: Sequence[str] = (),
    ) -> None:
        """
        Draft a bulletin about the schools ``concerned``.

        ``found`` says by field which texts name a child of theirs, or perhaps do.

        :raises SchoolNotConcerned: if a summary is of a school none of its sources tells of
        :raises NamesChild: if a text names a child, or holds a number of one
        :raises MayNameChild: if one may, and nobody confirmed that it does not
        :raises TellsFewChildren: if what is said of a school tells of one to four children
        """
        for summary in summaries:
            if summary["school_code"] not in concerned:
                raise SchoolNotConcerned(school_code=summary["school_code"])
        check_words(words_of(title, text, summaries), found, confirmed)
        self.record(
            BulletinDrafted,
            act,
            act.today,
            title=title,
            period=period,
            text=text,
            inspections=list(inspections),
            scores=list(scores),
            summaries=list(summaries),
            confirmed=sorted(set(confirmed)),
        )

    def publish(
        self,
        act: Act,
        entry: int,
        *,
        content: Mapping[str, Any],
        position: int,
        found: Mapping[str, Found],
    ) -> None:
        """
        Publish a bulletin; its texts are held against the children of today.

        :raises NoSuchEntry: if there is no such draft
        :raises AlreadyPublished: if it is published
        :raises NamesChild: if a text names a child by now
        :raises MayNameChild: if one may, and nobody confirmed that it does not
        """
        bulletin = self.bulletin(entry)
        if done := bulletin.published:
            raise AlreadyPublished(day=done.occurred_on)
        check_words(bulletin.drafted.words, found, bulletin.drafted.confirmed)
        told = {"entry": entry, "content": dict(content), "position": position}
        self.record(BulletinPublished, act, act.today, **told)


def check_words(
    words: Iterator[tuple[str, str]], found: Mapping[str, Found], confirmed: Sequence[str]
) -> None:
    """
    Check the texts of a bulletin field by field; a refusal names the field, never the child.

    :raises NamesChild: if a text names a child
    :raises MayNameChild: if one may, and is not confirmed
    :raises TellsFewChildren: if what is said of a school tells of one to four children
    """
    for where, text in words:
        match found.get(where):
            case "named":
                raise NamesChild(field=where)
            case "perhaps" if where not in confirmed:
                raise MayNameChild(field=where)
        if where.startswith("/summaries") and tells_few(text):
            raise TellsFewChildren(field=where)
