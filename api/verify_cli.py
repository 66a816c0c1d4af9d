"""`guixue verify`: says what a file of evidence proves; no network, no database, no service."""

import argparse
import io
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from application.store.checkpoint import Checkpoint
from application.store.checkpoint_checks import Asked
from application.store.evidence import LARGEST_FILE, Bundle, InvalidBundle, Proof
from application.store.receipts import Receipt
from application.store.signed_note import (
    COSIGNATURE,
    SIGNATURE,
    InvalidNote,
    Note,
    NoteKey,
    decoded,
)
from application.store.transparency import HASH_BYTES
from application.store.verdict import Report, Standing, Verdict, clock, lacking
from application.store.verifying import check

WORDS = {
    "zh": {
        Standing.PROVEN: "✓ 已证明",
        Standing.OPEN: "· 未证明",
        Standing.LACKING: "! 缺少",
        Standing.FAILED: "✗ 不符",
        Verdict.PROVEN: "核验通过",
        Verdict.FAILED: "核验不通过",
        Verdict.UNREADABLE: "核验不通过:文件无法读取",
        Verdict.LACKING: "核验通过,但缺少所要求的内容",
    },
    "en": {
        Standing.PROVEN: "✓ proven",
        Standing.OPEN: "· not proven",
        Standing.LACKING: "! missing",
        Standing.FAILED: "✗ wrong",
        Verdict.PROVEN: "Verified",
        Verdict.FAILED: "NOT verified",
        Verdict.UNREADABLE: "NOT verified: unreadable",
        Verdict.LACKING: "Verified, but without something that was asked for",
    },
}
EXITS = """exit codes 退出码:
  0  everything is proven 全部已证明
  1  something is not proven, or was altered 有未证明或被改动之处
  2  wrong usage, or a file that cannot be read 用法有误或文件无法读取
  3  proven, but without something asked for: a witness, a receipt not yet due, content to show
     已证明,但缺少所要求的见证方联署、尚未到期的回执,或要出示的内容
"""
Export = Callable[[Path], None]


class Unreadable(Exception):
    """A file or text is not what it should be; says which."""


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Begins its usage as the other commands do."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, prefix or "Usage: ")


def main(
    arguments: Sequence[str] | None = None, prog: str | None = None, export: Export | None = None
) -> int:
    """Verify what the arguments name; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    parser = options(prog, may_export=export is not None)
    given = parser.parse_args(arguments)
    if export is not None and given.export_verifier is not None:
        return kept(partial(export, given.export_verifier), given, Verdict.PROVEN)
    if given.bundle is None or not given.key:
        parser.error("name a bundle, and the log's public key by --key")
    try:
        bundle, asked = read(given)
    except Unreadable as why:
        tell_unreadable(str(why), given)
        return Verdict.UNREADABLE
    report = check(bundle, asked)
    if given.show and bundle.key is None:
        none = lacking(
            "show",
            "没有密钥,不能出示登记内容。",
            "The content cannot be shown without the key.",
        )
        report = replace(report, judged=(*report.judged, none))
    if given.keep is not None and report.verdict is Verdict.PROVEN:
        write = partial(given.keep.write_text, bundle.checkpoint, "utf-8", newline="")
        if kept(write, given, report.verdict) is Verdict.UNREADABLE:
            return Verdict.UNREADABLE
    tell(report, bundle, given)
    return report.verdict


def kept(write: Callable[[], object], given: argparse.Namespace, verdict: Verdict) -> Verdict:
    """Write a file that was asked for; a place that cannot be written to is wrong usage."""
    try:
        write()
    except OSError as fault:
        tell_unreadable(str(fault), given)
        return Verdict.UNREADABLE
    return verdict


def options(prog: str | None, *, may_export: bool) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog,
        description="Say what a file of evidence proves (核验证据): that a child's history is"
        " complete and unaltered. Needs no network and no database.",
        epilog=EXITS,
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("bundle", nargs="?", type=Path, help="the evidence of one child 证据文件")
    add("--key", action="append", default=[], type=Path, metavar="FILE",
        help="the log's public keys, one a line 日志公钥")  # fmt: skip
    add("--witness", action="append", default=[], type=Path, metavar="FILE",
        help="witnesses' public keys, one a line 见证方公钥")  # fmt: skip
    add("--witnesses-needed", type=int, metavar="N",
        help="how many of them must have cosigned; all, if not said 至少几个见证方")  # fmt: skip
    add("--since", type=Path, metavar="FILE",
        help="your last checkpoint of this log 您上次保存的检查点")  # fmt: skip
    add("--consistency", type=Path, metavar="FILE",
        help="a proof from it, one hash a line, if the bundle has none 一致性证明")  # fmt: skip
    add("--receipt", action="append", default=[], metavar="TEXT",
        help="a receipt that must be honoured: GXR1.… 回执")  # fmt: skip
    add("--keep", type=Path, metavar="FILE",
        help="if all is proven, keep the checkpoint for the next --since 保存检查点")  # fmt: skip
    add("--show", action="store_true", help="print the content, if the key is there 出示内容")
    add("--json", action="store_true", help="answer as JSON")
    add("--lang", choices=["zh", "en"], default="zh", help="Chinese, or English")
    if may_export:
        add("--export-verifier", type=Path, metavar="FILE",
            help="write this command as one Python file and stop 导出单文件核验程序")  # fmt: skip
    return parser


# Reading ----------------------------------------------------------------------------------------


def read(given: argparse.Namespace) -> tuple[Bundle, Asked]:
    """
    Read every file named.

    :raises Unreadable: naming the first that is not what it should be
    """
    try:
        bundle = Bundle.read(text_of(given.bundle))
    except InvalidBundle as why:
        raise Unreadable(f"{given.bundle}: {why}") from None
    witnesses = {key.public: key for key in keys_of(given.witness, COSIGNATURE)}
    needed = given.witnesses_needed
    if needed is not None and not 0 <= needed <= len(witnesses):
        raise Unreadable(f"--witnesses-needed {needed}: {len(witnesses)} witnesses are given")
    if given.consistency is not None and given.since is None:
        raise Unreadable("--consistency goes with --since")
    asked = Asked(
        tuple(keys_of(given.key, SIGNATURE)),
        datetime.now(UTC),
        tuple(witnesses.values()),
        needed,
        None if given.since is None else earlier(given.since),
        None if given.consistency is None else proof_of(given.consistency),
        tuple(receipts_of(given.receipt)),
    )
    return bundle, asked


def text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            held = file.read(LARGEST_FILE + 1)
        if len(held) > LARGEST_FILE:
            raise Unreadable(f"{path}: larger than {LARGEST_FILE} bytes")
        return held.decode("utf-8")
    except (OSError, ValueError) as fault:
        raise Unreadable(f"{path}: {type(fault).__name__}") from None


def lines_of(path: Path) -> list[str]:
    lines = (line.strip() for line in text_of(path).removeprefix("\ufeff").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def keys_of(paths: Iterable[Path], algorithm: int) -> list[NoteKey]:
    found = []
    for path in paths:
        try:
            keys = [NoteKey.read(line) for line in lines_of(path)]
        except InvalidNote as why:
            raise Unreadable(f"{path}: {why}") from None
        if not keys or any(key.algorithm != algorithm for key in keys):
            kind = "witness" if algorithm == COSIGNATURE else "log"
            raise Unreadable(f"{path}: holds no public key of a {kind}, or another's")
        found += keys
    return found


def earlier(path: Path) -> Note:
    try:
        note = Note.read(text_of(path).removeprefix("\ufeff").replace("\r\n", "\n"))
        size = Checkpoint.read(note.text).size
    except InvalidNote as why:
        raise Unreadable(f"{path}: {why}") from None
    if size == 0:
        raise Unreadable(f"{path}: a checkpoint of nothing")
    return note


def proof_of(path: Path) -> Proof:
    hashes = tuple(map(decoded, lines_of(path)))
    if any(len(one) != HASH_BYTES for one in hashes):
        raise Unreadable(f"{path}: no proof, one hash a line in base64")
    return hashes


def receipts_of(texts: Iterable[str]) -> list[Receipt]:
    try:
        return [Receipt.read(text) for text in texts]
    except InvalidNote as why:
        raise Unreadable(f"--receipt: {why}") from None


# Telling ----------------------------------------------------------------------------------------


def tell(report: Report, bundle: Bundle, given: argparse.Namespace) -> None:
    """Print what was judged, what is to be shown, and the verdict."""
    shown = content(report, bundle) if given.show else []
    if given.json:
        said = {
            "verdict": report.verdict.name.lower(),
            "exit": int(report.verdict),
            "student_id": str(bundle.student_id),
            "origin": bundle.origin,
            "judged": [
                {"name": one.name, "standing": one.standing.value, "zh": one.zh, "en": one.en}
                for one in report.judged
            ],
        }
        print_json({**said, "entries": shown} if given.show else said)
        return
    words = WORDS[given.lang]
    for entry in shown:
        say(f"{entry['version']}. {entry['topic']}  {entry['recorded_at']}  {entry['actor']}")
        for name, value in fields(entry["content"]):
            say(f"   {name}: {value}")
    for one in report.judged:
        say(f"{words[one.standing]}  {one.zh if given.lang == 'zh' else one.en}")
    say(words[report.verdict])


def tell_unreadable(why: str, given: argparse.Namespace) -> None:
    if given.json:
        print_json({"verdict": "unreadable", "exit": int(Verdict.UNREADABLE), "error": why})
    else:
        sys.stderr.write(plain(why) + "\n")
        say(WORDS[given.lang][Verdict.UNREADABLE])


def content(report: Report, bundle: Bundle) -> list[dict[str, Any]]:
    """Give each entry with its content; none, if anything about them is wrong."""
    if report.verdict not in {Verdict.PROVEN, Verdict.LACKING} or not report.payloads:
        return []
    return [
        {
            "version": one.version,
            "topic": one.topic,
            "recorded_at": clock(one.recorded_at),
            "actor": one.actor,
            "content": opened(payload),
        }
        for one, payload in zip(bundle.entries, report.payloads, strict=True)
    ]


def opened(payload: bytes) -> Any:
    text = payload.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def fields(said: Any) -> list[tuple[str, str]]:
    if not isinstance(said, dict):
        return [("content", str(said))]
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in said.items()
    ]


def plain(text: str) -> str:
    """Leave out what moves a terminal's cursor or turns text around: the file may be hostile."""
    shown = text.replace("\n", "⏎")
    return "".join(one if one.isprintable() or one == "\u3000" else "�" for one in shown)


def say(text: str) -> None:
    sys.stdout.write(plain(text) + "\n")


def print_json(said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(said, indent=1) + "\n")
