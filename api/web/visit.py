"""One visit to a page: who visits, in which language, what they may do, and the page in answer."""

from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from api.problems import Problem
from api.service import Service
from api.web.asking import Asking
from api.web.headers import HEADERS
from api.web.navigation import menu
from api.web.offline_words import OFFLINE
from api.web.templates import ENVIRONMENT
from application.access import NotAllowed, Person, posts_for
from application.roles import ASKED, MAY, ROLES

SESSION, LANGUAGE = "guixue_session", "guixue_language"
LANGUAGE_LIFE = 365 * 24 * 3600
SEE_OTHER = 303
SAME = frozenset({"same-origin", "none"})


@dataclass
class Visit:
    """A request for a page; ``person`` is ``None`` where nobody is signed in."""

    request: Request
    language: str
    person: Person | None
    ask: Asking
    cookies: dict[str, str | None] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        service: Service = self.request.app.state.service
        return service

    @property
    def wants_json(self) -> bool:
        """Say whether a script of the page asks, and not a browser for a page."""
        return self.request.headers.get("accept", "") == "application/json"

    def json(self, body: Any, status: int = 200) -> Response:
        """Answer a script of the page."""
        return self.sent(JSONResponse(body, status))

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(post.role for post in self.person.posts) if self.person else frozenset()

    @property
    def only_asked(self) -> bool:
        """Say whether they know of children only what they were asked: a village, a unit."""
        return bool(self.roles) and self.roles <= ASKED

    def may(self, step: str) -> bool:
        """Say whether a post of theirs takes a step; reach is asked by the contract."""
        return bool(self.roles & MAY[step])

    def takes(self, step: str) -> bool:
        """Say whether a post of theirs takes a step for some child, as one at no school."""
        assert self.person is not None
        try:
            return bool(posts_for(self.person, step))
        except NotAllowed:
            return False

    def ever(self, step: str) -> None:
        """
        Hold a form back from whom it would be refused whatever they type.

        :raises Problem: ``not-allowed`` if no post of theirs takes the step for any child
        """
        if not self.takes(step):
            raise Problem("not-allowed")

    def t(self, zh: str, en: str) -> str:
        """Choose the words of the reader's language."""
        return en if self.language == "en" else zh

    def page(self, template: str, *, status: int = 200, **told: Any) -> Response:
        """Answer with a page."""
        shown = {
            "t": self.t,
            "language": self.language,
            "person": self.person,
            "posts": [self._post(post.role, post.unit) for post in self.posts],
            "may": self.may,
            "roles": self.roles,
            "menu": menu(self),
            "path": self.request.url.path,
            "here": here(self.request),
            "today": self.service.tracking.today(),
            "offline_words": {name: self.t(*said) for name, said in OFFLINE.items()},
            "offline_drafts": self.service.settings.offline_drafts,
            **told,
        }
        text = ENVIRONMENT.get_template(template).render(shown)
        # a lone surrogate of a visitor's must not break the page
        return self.sent(HTMLResponse(text.encode("utf-8", "replace"), status))

    @property
    def posts(self) -> list[Any]:
        return list(self.person.posts) if self.person else []

    def _post(self, role: str, unit: str) -> str:
        return f"{ROLES[role][self.language == 'en']} · {unit}"

    def go(self, path: str) -> Response:
        """Answer that the page to see is another, of ours."""
        return self.sent(RedirectResponse(path, SEE_OTHER))

    def sent(self, response: Response) -> Response:
        """Give an answer of any kind its headers and cookies."""
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        secure = self.request.url.scheme == "https"
        for name, kept in self.cookies.items():
            if kept is None:
                response.delete_cookie(name, httponly=True, samesite="lax", secure=secure)
            else:
                life = LANGUAGE_LIFE if name == LANGUAGE else None
                response.set_cookie(
                    *(name, kept, life), httponly=True, samesite="lax", secure=secure
                )
        return response


def language_of(request: Request) -> str:
    return "en" if request.cookies.get(LANGUAGE) == "en" else "zh"  # Chinese until switched


def nobody(request: Request) -> Visit:
    """Give a visit of which nobody looked up whose it is."""
    language = language_of(request)
    return Visit(request, language, None, Asking(request, token=None, language=language))


async def visit(request: Request) -> Visit:
    """Find out who visits."""
    language = language_of(request)
    token = request.cookies.get(SESSION)
    person = None
    if token:
        service: Service = request.app.state.service
        now = service.tracking.now()
        session = await service.sessions.living(token, now, service.tracking.day_of(now))
        person = session.person if session else None
    at = request.query_params.get("at", "")
    position = int(at) if at.isascii() and at.isdigit() and len(at) <= len(str(2**62)) - 1 else None
    asking = Asking(request, token=token if person else None, language=language, at=position)
    return Visit(request, language, person, asking)


def here(request: Request) -> str:
    """Give the path and query of a page as asked for, without the position it waited for."""
    query = "&".join(
        part for part in request.url.query.split("&") if part and not part.startswith("at=")
    )
    return f"{request.url.path}?{query}" if query else request.url.path


def ours(path: str) -> str:
    """Give a path of this service to go to, whatever was sent: never another host's."""
    here_only = path.startswith("/") and not path.startswith("//")
    return path if here_only and path.isprintable() and "\\" not in path else "/"


def is_cross_site(request: Request) -> bool:
    """
    Say whether another site's page sent a form.

    Browsers say so themselves; old ones, and those on plain HTTP, by ``Origin``.
    """
    told = request.headers.get("sec-fetch-site")
    if told is not None:
        return told not in SAME
    origin, host = request.headers.get("origin", ""), request.headers.get("host", "")
    return origin not in {f"http://{host}", f"https://{host}"}
