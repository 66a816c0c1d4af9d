"""Why a change to an account is not made."""


class AccountRefusal(Exception):
    """A change to an account that is not made."""


class UnknownAccount(AccountRefusal):
    """There is no such account."""


class UnknownPost(AccountRefusal):
    """The account has no such post."""


class UsernameTaken(AccountRefusal):
    """Another account has this username."""


class SubjectTaken(AccountRefusal):
    """Another account has this issuer and subject."""


class OwnAccount(AccountRefusal):
    """Administrators do not change their own account."""


class AccountRevoked(AccountRefusal):
    """The account is revoked, for good."""


class PostOver(AccountRefusal):
    """The post has ended, or ends before that day."""


class LastAdministrator(AccountRefusal):
    """Nobody else could make accounts any more."""


class AdministratorExists(AccountRefusal):
    """The first administrator is there already."""


class OfficeUnknown(AccountRefusal):
    """No school of the directory is under this 中心校."""

    def __init__(self, office: str) -> None:
        self.office = office
        super().__init__(office)
