"""Printed forms read back with a second library: pages, their size, and all that stands on them."""

import io
import re

import httpx
import pypdf

A4 = (595, 842)  # points


class Paper:
    """A PDF as answered; it must be one."""

    def __init__(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/pdf"
        self.pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
        for page in self.pages:
            assert tuple(round(side) for side in page.mediabox[2:]) == A4
        self.by_page = [squeezed(page.extract_text()) for page in self.pages]
        self.text = "".join(self.by_page)

    def __contains__(self, words: object) -> bool:
        return squeezed(str(words)) in self.text


def squeezed(text: str) -> str:
    """A text without what only sets it: spaces, line ends, and places to break."""
    return re.sub(r"[\s\u200b]+", "", text)


def form(child: str, name: str, **query: object) -> str:
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    return f"/v1/students/{child}/forms/{name}?{asked}"


async def printed(caller, child: str, name: str, **query: object) -> Paper:
    """Print a form of a child; it must succeed."""
    return Paper(await caller.get(form(child, name, **query)))


CODE = re.compile(r"[A-Z]{2}-[0-9]{7}-[0-9]{2}")


def code_on(paper: Paper) -> str:
    """The one code a form bears."""
    (code,) = CODE.findall(paper.text)
    return code
