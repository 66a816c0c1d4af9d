"""
A home visit logged with the keyboard alone, from the sign-in page to "recorded".

It takes 112 key presses: 28 seconds at four a second, and 3 for the pages with the browser driven.
"""

from time import monotonic

from tests.people import PASSWORD, enrol

A_SECOND = 4  # keys somebody presses who does not type for a living
PRESSES = 120  # what a visit may cost before somebody looks at why
PROMISED = 60  # seconds: a visit is logged in at most so many
MOST_TABS = 60  # presses after which whatever is looked for is not on the page


class Keys:
    """A keyboard that counts."""

    def __init__(self, page):
        self._page = page
        self.pressed = 0

    async def press(self, key, times=1):
        for _ in range(times):
            await self._page.keyboard.press(key)
        self.pressed += times

    async def type(self, text):
        """Type; a Chinese word costs two keys a character and one to choose it, as by pinyin."""
        await self._page.keyboard.insert_text(text)
        self.pressed += len(text) if text.isascii() else 2 * len(text) + 1

    async def tab_to(self, said):
        """Tab until what is focused is called so."""
        for _ in range(MOST_TABS):
            await self.press("Tab")
            if said in await self._page.evaluate(CALLED):
                return
        raise AssertionError(said)


CALLED = """() => { const one = document.activeElement; if (one.matches("[role=region]")) return "";
  return [...(one.labels || [])].map((label) => label.innerText).join() || one.innerText || ""; }"""


async def test_a_visit_is_logged_with_the_keyboard_alone(open_as, app, call):
    teacher, registrar = await call("teacher"), await call("registrar")
    child = (await enrol(registrar, 1))["student_id"]
    done = await teacher.record(child, "absence-flags")
    await app.state.service.freshness.reached(done["position"])
    page = await open_as(None)
    began, keys = monotonic(), Keys(page)
    await page.goto("/")
    await keys.tab_to("用户名")
    await keys.type("teacher")
    await keys.press("Tab")
    await keys.type(PASSWORD)
    await keys.press("Enter")
    await page.wait_for_selector("h1:has-text('我的工作')")
    await keys.tab_to("找学生")
    await keys.type("cxz")
    await keys.press("Enter")
    await page.wait_for_selector("h1:has-text('学生')")
    await keys.tab_to("测小舟")
    await keys.press("Enter")
    await page.wait_for_selector("h1:has-text('测小舟')")
    await keys.tab_to("家访登记")
    await keys.press("Enter")
    await page.wait_for_selector("h1:has-text('家访登记')")
    await keys.tab_to("监护人")
    await keys.press("Space")
    await keys.tab_to("家长意见")
    await keys.type("愿意返校")
    await keys.press("Enter")
    await keys.tab_to("保存")
    await keys.press("Enter")
    await page.wait_for_selector("text=已登记")
    pages = monotonic() - began
    history = (await teacher.get(f"/v1/students/{child}/history")).json()["items"]
    assert (history[-1]["kind"], history[-1]["data"]["met"]) == ("home_visited", ["guardian"])
    assert keys.pressed <= PRESSES
    assert keys.pressed / A_SECOND + pages < PROMISED
