"""One's own session: signing out, and changing one's password."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.at_once import at_once
from api.checking import Checked, CheckedBeforePasswordChange, address_of
from api.deps import Serving, malformed
from api.openapi import answered, body_example, problems
from api.schemas.accounts import PasswordChange, SignOut
from api.showing import answer
from application.sessions import Session
from application.sign_in import WrongCredentials

ASKED = (
    *("not-signed-in", "token-in-url", "unreadable-query"),
    *("not-json", "too-large", "malformed", "database-away"),
)
router = APIRouter(route_class=Checked, tags=["sign-in 登录"])
changing = APIRouter(route_class=CheckedBeforePasswordChange)


def own_session(request: Request) -> Session:
    session: Session = request.state.session
    return session


OwnSession = Annotated[Session, at_once(own_session)]


@changing.post(
    "/v1/sign-out",
    summary="退出登录 · End this session, or all of one's own",
    responses={
        **answered("signed_out", "The token is dead."),
        **problems(*ASKED),
    },
    openapi_extra=body_example(SignOut),
)
async def sign_out(service: Serving, session: OwnSession, body: SignOut) -> Response:
    """End this session; with `everywhere`, every one of the account. A first password will do."""
    await service.sessions.end(session, everywhere=body.everywhere)
    return answer({"signed_out": True, "everywhere": body.everywhere})


@changing.post(
    "/v1/password",
    summary="修改密码 · Change one's own password",
    responses={
        **answered("password_changed", "Changed; every other session of the account has ended."),
        **problems(*ASKED, "too-many-tries"),
    },
    openapi_extra=body_example(PasswordChange),
)
async def change_password(
    request: Request, service: Serving, session: OwnSession, body: PasswordChange
) -> Response:
    """Set another password, of 10 to 200 characters; the present one is asked for again."""
    if body.new.casefold() == session.person.username.casefold():
        raise malformed("body", "new", "Not your username.", "新密码不能与用户名相同。")
    try:
        await service.sign_in.change_password(
            *(session, body.current, body.new, service.tracking.now()),
            address=address_of(request),
        )
    except WrongCredentials:
        raise malformed(
            "body", "current", "Not your present password.", "当前密码不正确。"
        ) from None
    return answer({"changed": True})


router.include_router(changing)
