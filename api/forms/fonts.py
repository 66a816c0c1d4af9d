"""The font of printed forms: Noto Serif CJK, found in the usual folders, and used alone."""

import shutil
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

import typst

from api.forms.coverage import covered

FAMILY = "Noto Serif CJK SC"
# One file for each weight; a collection of all languages, or Simplified Chinese alone.
FILES = (
    ("NotoSerifCJK-Regular.ttc", "NotoSerifCJKsc-Regular.otf"),
    ("NotoSerifCJK-Bold.ttc", "NotoSerifCJKsc-Bold.otf"),
)
PACKAGE = "fonts-noto-cjk"  # as Debian and Ubuntu call it
USUAL = (
    *(Path("/usr/local/share/fonts"), Path("/usr/share/fonts")),
    *(Path.home() / ".local/share/fonts", Path.home() / ".fonts"),
)


class FontMissing(Exception):
    """No font was found that draws Chinese; nothing is printed without."""


class Font:
    """The files of the font, a weight each, and nothing else that is installed."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.files = tuple(files)
        # typst takes whatever a folder holds: this one holds these files and no other.
        alone = mkdtemp(prefix="guixue-fonts-")
        self.close = weakref.finalize(self, shutil.rmtree, alone)
        for file in self.files:
            (Path(alone) / file.name).symlink_to(file.resolve())
        self.loaded = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[alone]
        )
        drawn = [covered(file, FAMILY) for file in self.files]
        self.characters = frozenset.intersection(*drawn)  # code points that every weight draws

    @classmethod
    def found(cls, folder: Path | None = None) -> Self:
        """
        Look in a folder and those within it, or else in the usual ones.

        :raises FontMissing: if a weight of it is nowhere there
        """
        return cls(font_files(folder))


def font_files(folder: Path | None = None) -> list[Path]:
    """
    Give the files of the font, a weight each.

    :raises FontMissing: if a weight of it is nowhere in the folder, or the usual ones
    """
    folders = USUAL if folder is None else (folder,)
    return [_first(names, folders) for names in FILES]


def _first(names: Iterable[str], folders: Sequence[Path]) -> Path:
    for folder in folders:
        for name in names:
            found = next(iter(sorted(folder.rglob(name))), None)
            if found is not None:
                return found
    raise FontMissing(f"no {FAMILY} in {', '.join(map(str, folders))}; install {PACKAGE}")
