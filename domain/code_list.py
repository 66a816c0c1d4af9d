"""What a code list is: codes in order, each with its labels, under a name and a source."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Code:
    """One code with its labels."""

    code: str
    zh: str
    en: str

    def label(self, language: str) -> str:
        return self.en if language == "en" else self.zh


class CodeList(Mapping[str, Code]):
    """An ordered list of codes with its Chinese name and its source."""

    def __init__(self, name: str, source: str, codes: Iterable[Code]) -> None:
        self.name = name
        self.source = source
        self._codes: dict[str, Code] = {}
        for code in codes:
            if code.code in self._codes:
                raise ValueError(f"{name}: {code.code} stands twice")
            self._codes[code.code] = code

    @classmethod
    def read(cls, name: str, source: str, rows: str) -> Self:
        """Make a list of ``code | zh | en`` lines."""
        lines = (row.split("|") for row in rows.strip().splitlines())
        return cls(name, source, (Code(*(cell.strip() for cell in line)) for line in lines))

    def __getitem__(self, code: str) -> Code:
        return self._codes[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)

    def __hash__(self) -> int:
        return hash(self.name)

    def label(self, code: str, language: str) -> str:
        """Name a code; an unknown one names itself."""
        known = self._codes.get(code)
        return known.label(language) if known else code
