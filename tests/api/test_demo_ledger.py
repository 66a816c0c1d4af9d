"""The demo prints the ledger that the service answers."""

from rich.console import Console

from api.demo.run import ledger_table


async def test_the_ledger_is_printed_as_the_service_tells_it(bureau, teacher, child):
    for path in ("absence-flags", "suspicions", "persuasion-attempts"):
        await teacher.record(child, path)
    returned = await teacher.record(child, "returns")
    ledger = await bureau.fresh("/v1/ledgers/return-to-school", returned["position"])
    paper = Console(width=80, record=True, force_terminal=False)

    paper.print(ledger_table(ledger))

    printed = paper.export_text()
    assert "劝返复学台账" in printed
    for cell in ("晴川中学", "7年级1班", "测小舟", "厌学", "1次", "09-24"):
        assert cell in printed
