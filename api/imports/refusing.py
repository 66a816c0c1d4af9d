"""Why a file is no table that can be read, in plain words."""


class UnreadableFile(Exception):
    """The file is no table we can read; ``zh`` and ``en`` say why and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(f"{zh} {en}")


TOO_BIG = (
    "文件展开后过大或表格过宽,请拆分、删去多余的行列后再导入。",
    "The file unpacks to too much, or its table is too wide; split it, or take columns away.",
)
NO_TABLE = (
    "文件无法读取:须为 .xlsx、.xls,或 UTF-8 / GB18030 编码的 .csv。",
    "The file cannot be read: it must be .xlsx, .xls, or .csv in UTF-8 or GB18030.",
)
