"""What insight refuses."""

from miaohui.kit.errors import RefusalKind

BAD_POLICY = RefusalKind(
    "insight.bad_policy", 422, "口径或规则的内容不对，请按提示修改", "The policy is not valid: see the detail"
)
NO_DATA = RefusalKind(
    "insight.no_data",
    409,
    "还没有可以分析的数据。请先导入订单、售后、客服数据或聊天记录（miaohui import 文件…）",
    "Nothing to analyse yet: import orders, after-sales, service data or chats first",
)
NO_PRINTER = RefusalKind(
    "insight.no_printer",
    503,
    "这台机器没有可用的浏览器来生成 PDF。请安装 chromium 与中文字体（apt-get install chromium fonts-noto-cjk），"
    "或打开网页报告后按 Ctrl+P 另存为 PDF",
    "No browser to print with: install chromium and fonts-noto-cjk, or print the page yourself",
)
