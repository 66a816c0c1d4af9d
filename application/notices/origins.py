"""Origins (来源): the places of the district that may be told of changes, and no other."""

from urllib.parse import SplitResult, urlsplit


def origin_of(url: str) -> str | None:
    """Give scheme, host and port of an address; ``None`` if it is none that could be posted to."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    except (ValueError, KeyError):
        return None
    if not parts.hostname or not plain(url, parts):
        return None
    return f"{parts.scheme}://{parts.hostname}:{port}"


def plain(url: str, parts: SplitResult) -> bool:
    """Say whether an address reads alike for everybody: nothing before the host, nothing odd."""
    odd = parts.username is not None or parts.password is not None or "#" in url or "\\" in url
    return not odd and url.isascii() and all(one.isprintable() and one != " " for one in url)
