"""The refusals of printing, in both languages."""

# slug: status, title zh, title en, detail zh, detail en
FORM_PROBLEMS: dict[str, tuple[int, str, str, str, str]] = {
    "font-missing": (
        503,
        "缺少中文字体",
        "No Chinese font",
        "服务器上没有打印所需的中文字体,因此未打印。请系统管理员安装软件包 {package}"
        "(apt-get install {package}),再重试;guixue doctor 可以核对。",
        "The server lacks the Chinese font that forms are printed in, so nothing was printed."
        " Administrators install the package {package} (apt-get install {package}); guixue doctor"
        " tells whether it is there.",
    ),
    "wrong-form-code": (
        422,
        "表格编码有误",
        "The form's code is wrong",
        "表格编码不对,可能有一位读错或录错。请对照纸上的编码逐位核对,例如 JF-0052384-63。",
        "This is not a form's code; a character may be misread. Compare it with the paper, such as"
        " JF-0052384-63.",
    ),
    "nothing-to-print": (
        409,
        "尚无可打印的登记",
        "Nothing to print yet",
        "该生还没有这类登记,无法填表。请先登记,或加 blank=true 打印空白表。",
        "Nothing of this kind is recorded for the child yet. Record it first, or print a blank form"
        " with blank=true.",
    ),
}
