"""Rolls and school directories imported by the command line."""

from api.imports.importing import Importing, Report
from api.imports.schools import schools_of
from api.reaching import reference_data
from api.service import tracking_on
from api.settings import Settings
from domain.entry import Actor

IMPORTER = Actor("guixue-import-roll", "学籍导入", "bureau", "区教体局", "bureau", superior=True)


async def import_roll(
    settings: Settings, url: str, file: bytes, *, dry_run: bool, partial: bool
) -> tuple[Report, bool]:
    """
    Import a roll; return the report, and whether anything was recorded.

    :raises UnreadableFile: if the file is no table, or has not the headings
    """
    async with reference_data(settings, url) as (_, store, directory):
        importing = Importing(
            tracking=tracking_on(store, settings),
            directory=directory,
            by=IMPORTER,
            check_place=lambda *_: None,
            language="zh",
            dry_run=dry_run,
            partial=partial,
        )
        report, recorded = await importing.take(file)
        return report, recorded is not None


async def import_schools(settings: Settings, url: str, file: bytes) -> int:
    """
    Take a school directory in; return how many schools it named.

    :raises UnreadableFile: if the file is no table, or has not the headings
    :raises WrongDirectory: with every row that cannot be taken
    """
    schools = await schools_of(file)
    async with reference_data(settings, url) as (pool, _, directory):
        await directory.add(pool, schools)
    return len(schools)
