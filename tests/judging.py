"""One log, the evidence of one of its children, and what is judged of it."""

from application.store.checkpoint_checks import Asked
from application.store.evidence import Bundle
from application.store.verdict import Standing
from application.store.verifying import check
from tests.proof import LOG, NOW, PREFECTURE, child, made

ONE = made(4, 3, 5, seed=3)
SIZE = len(ONE.rows)
CLEAN = ONE.bundle(child(0), PREFECTURE, earlier=[5])
OWN = [at for at, row in enumerate(ONE.rows) if row.stream == child(0)]


def asked(**more) -> Asked:
    return Asked((LOG.key,), NOW, **more)


def report(bundle, **more):
    return check(Bundle.read(bundle.told()), asked(**more))


def verdict(bundle, **more):
    return report(bundle, **more).verdict


def failed(bundle, **more):
    """The names of what is wrong."""
    return {one.name for one in report(bundle, **more).judged if one.standing is Standing.FAILED}


def by_name(found, name):
    return [one.standing for one in found.judged if one.name == name]
