"""Looking at a page: accessible, within the window at both widths, nothing asked of other hosts."""

from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

WIDTHS = (1280, 390)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Looks:
    """Keeps a picture of every page at both widths, in the folder ``GUIXUE_SCREENSHOTS`` names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def at(self, page: Page, name: str) -> None:
        """Look at the page that is open; whatever is wrong with it fails the test."""
        found = await violations(page)
        assert found == [], found  # as asserts of this file are told without their values
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            assert await page.evaluate(WIDER) <= 0, f"{name} is wider than {width} px"
            await page.screenshot(path=self._folder / f"{name}-{width}.png", full_page=True)
        await page.set_viewport_size({"width": WIDTHS[0], "height": 900})


async def violations(page: Page) -> list[tuple[str, Any]]:
    """Give what axe finds wrong: the rule, and where."""
    found = await Axe().run(page, options=RULES)
    return [
        (one["id"], [node["html"][:200] for node in one["nodes"]])
        for one in found.response["violations"]
    ]
