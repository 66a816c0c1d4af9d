"""`guixue` as it is installed; once started, forked from a process that has loaded it already."""

import atexit
import gc
import importlib
import json
import os
import select
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from api.guixue import main

GUIXUE = Path(sys.executable).with_name("guixue")
ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 60.0
LOADED = ("api.cli", "api.imports.by_command")
WIDE = {"COLUMNS": "200"}
STARTED: set[str] = set()


def guixue(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """
    Run a command in a process of its own, in an environment without settings of ours.

    The first time in a process of tests a command is started as people start it; after that what
    Python loads for it, always the same second, is there already.
    """
    typed = [*map(str, arguments)]
    outside = {name: value for name, value in os.environ.items() if not name.startswith("GUIXUE_")}
    env = {**outside, **WIDE, **environment}
    if typed[0] in STARTED:
        return loaded().run(typed, env)
    STARTED.add(typed[0])
    return subprocess.run(
        [GUIXUE, *typed],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=env,
        timeout=PATIENCE_SECONDS,
    )


class Loaded:
    """A process with the command loaded, that forks one that runs it for each line it is given."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.starting"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **WIDE},  # a console asks for its width when it is loaded
        )

    def run(self, typed: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Run the command, and give what it printed and how it ended."""
        to, back = self._process.stdin, self._process.stdout
        assert to is not None
        assert back is not None
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder) / "out", Path(folder) / "err"
            asked = {"typed": typed, "env": env, "cwd": str(Path.cwd()), "to": [str(out), str(err)]}
            to.write(json.dumps(asked) + "\n")
            to.flush()
            if not select.select([back], [], [], PATIENCE_SECONDS)[0]:
                raise subprocess.TimeoutExpired(typed, PATIENCE_SECONDS)
            code = int(back.readline())
            return subprocess.CompletedProcess(typed, code, out.read_text(), err.read_text())

    def close(self) -> None:
        """End it; it forks nothing more once it is told nothing."""
        self._process.communicate()


@cache
def loaded() -> Loaded:
    """Give this process's own, started when it is first needed."""
    made = Loaded()
    atexit.register(made.close)
    return made


def become(asked: dict[str, Any]) -> None:
    """Be a process that was started with this environment, and these words typed."""
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    sys.argv = [str(GUIXUE), *asked["typed"]]
    places = [os.devnull, *asked["to"]]
    for descriptor, place in enumerate(places):
        opened = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)


def forking() -> None:
    """Fork for each line; comes back in the forked process, and where there is no more to do."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            become(json.loads(line))
            sys.exit(main())
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{ended}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    for module in LOADED:
        importlib.import_module(module)
    gc.freeze()  # so that what is loaded is shared, and never looked through
    forking()
