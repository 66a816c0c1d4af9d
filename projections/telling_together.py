"""Several processes that tell of children for one that writes, each of a share of its own."""

import gc
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing import current_process, get_context
from multiprocessing.connection import Connection, wait

import psycopg

from application.store.key_ring import KeyRing
from application.store.log import Log, Share, shares
from application.store.sealing import Vault
from projections.all_views import BY_NAME
from projections.telling import Piece, pieces
from projections.view import View

WORTH_IT = 20_000  # entries; a process takes half a second to start
MOST = 4
SPAWN = get_context("spawn")


def tellers_for(views: Sequence[View], entries: int) -> int:
    """
    Say how many processes are to tell of a log, 0 for none but this one.

    A process beside a service, as the engine's, starts none: the rest answers people.
    """
    known = all(BY_NAME.get(view.name) is view for view in views)
    if entries < WORTH_IT or not known or current_process().daemon:
        return 0
    cores = len(os.sched_getaffinity(0))
    return 0 if cores == 1 else min(cores, MOST)


def told_together(log: Log, views: Sequence[View], upto: int, tellers: int) -> Iterator[Piece]:
    """
    Yield what some processes tell, as it comes; all read the log as this transaction sees it.

    Each waits until its last piece is taken, so that memory is bounded.
    """
    (snapshot,) = log.connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
    names = [view.name for view in views]
    processes, lines = [], []
    try:
        for share in shares(tellers):
            ours, theirs = SPAWN.Pipe(duplex=False)
            given = (*log.elsewhere(), snapshot, names, upto, share, theirs)
            process = SPAWN.Process(target=tell_all, args=given, daemon=True)
            process.start()
            theirs.close()
            processes.append(process)
            lines.append(ours)
        waiting = list(lines)
        while waiting:
            for line in wait(waiting):
                assert isinstance(line, Connection)
                piece = line.recv()
                if isinstance(piece, Exception):
                    raise piece
                if piece is None:
                    waiting.remove(line)
                else:
                    yield piece
    finally:
        for line in lines:
            line.close()
        for process in processes:
            process.terminate()
            process.join()


def tell_all(
    url: str,
    ring: KeyRing,
    snapshot: str,
    names: Sequence[str],
    upto: int,
    share: Share,
    line: Connection,
) -> None:
    """Tell of a share of the children, piece by piece, then ``None``; or of what went wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started us
    gc.disable()
    with suppress(BrokenPipeError):  # who started us is gone
        try:
            with psycopg.connect(url) as connection:
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'".encode())
                log = Log(connection, Vault(ring, room=1))  # child after child
                for piece in pieces(log, [BY_NAME[name] for name in names], upto, share):
                    line.send(piece)
            line.send(None)
        except BrokenPipeError:
            raise
        except Exception as fault:  # noqa: BLE001  # it is raised again where it is heard
            line.send(fault)
