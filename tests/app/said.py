"""Walks what the server says: every wording in its source, and the page's texts for it.

The server composes its sentences in Chinese; the page says them in English by the book of their wordings
(web/src/lib/i18n/said). A wording is the sentence with `{1}`, `{2}` where the server puts something in. Codes are in
the page's catalogue with both texts. This file reads the source, so that no sentence is forgotten.
"""

from __future__ import annotations

import ast
import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path

from miaohui.importing.model.catalogue import KINDS

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "miaohui"
I18N = ROOT / "web" / "src" / "lib" / "i18n"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Not said by a page of ours. Each with the reason.
ELSEWHERE = {
    "app/bench": "the terminal, both languages in one line",
    "app/prove": "the terminal",
    "app/sim": "what simulated buyers write",
    "app/seed": "the example shop's own names and words",
    "app/example_files": "contents of example exports",
    "app/cli.py": "the terminal",
    "app/demo.py": "the terminal",
    "app/facts_cli.py": "the terminal",
    "app/import_cli.py": "the terminal",
    "app/offline.py": "the terminal",
    "app/operations.py": "the terminal",
    "app/locking.py": "the terminal",
    "app/troubles.py": "the terminal",
    "app/erasure/command.py": "the terminal",
    "app/migrations": "the terminal",
    "app/http.py": "in both languages, before there is a page",
    "channels/sim": "simulated platforms",
    "channels/doudian/tags.py": "names of the platform's pushes, for readers of the code",
    "channels/system_texts.py": "patterns of what platforms write",
    "importing/model/catalogue": "headers of files; the fields' names are walked below",
    "inbox/queries/transcript.py": "the printed transcript, a document in the shop's language",
    "insight/jobs/report": "the printed report, a document in the shop's language",
    "insight/model/definitions.py": "by code: figureDef.* of the catalogue",
    "insight/model/window.py": "words that files hold",
    "access/model.py": "by code: permission.* and role.* of the catalogue",
    "access/routes/second_factor.py": "the product's name",
    "phrasebook/model/defaults.py": "the shop's own quick replies",
    "trade/model/parcel_route.py": "words of carriers",
    "trade/model/tickets.py": "words of the platform",
}
# Words that files, carriers and platforms hold: compared with, never said.
HELD_LINES = (
    "买家 顾客 客户 消费者 访客 接收 人工 人工客服 卖家 商家 店铺 发送 机器人 智能客服 店小蜜",
    "自动回复 AI客服 ai客服 系统 系统消息 平台 提示 合计 总计 汇总 汇总值 可能被截断 卡片 商品卡片",
    "进线卡片 [用从以客会【当您撤 撤回 高兴为您服务 万 亿 件 小时 下午 晚上 休 媒体 不要机器人 投诉",
    "活人 消协 真人 转人工 秒回 退 退款成功 成功 关闭 取消 完成 撤销 无仲裁 未仲裁 短视频 商城 搜索",
    "橱窗 货架 商品卡 元",
)
HELD = frozenset(word for line in HELD_LINES for word in line.split())
NOT_SAID = {
    "summary",
    "description",
    "help",
    "title",
}  # keyword arguments of routes and commands: documentation


def is_elsewhere(path: Path) -> bool:
    name = path.relative_to(SOURCE).as_posix()
    return any(name == one or name.startswith(f"{one}/") for one in ELSEWHERE)


def wording(node: ast.Constant | ast.JoinedStr) -> str:
    """Return a text with {1}, {2} where something is put in; '' for what is no text."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    text, count = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            count += 1
            text += f"{{{count}}}"
    return text


def left_out(tree: ast.Module) -> set[int]:
    """Return the nodes that are no sentences: docstrings, refusals (both languages stand there), patterns."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            found |= {id(part) for part in node.values if isinstance(part, ast.Constant)}
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in ("RefusalKind", "frozenset") or called.startswith("re."):
                found |= {id(inner) for inner in ast.walk(node)}
            for keyword in node.keywords:
                if keyword.arg in NOT_SAID:
                    found |= {id(inner) for inner in ast.walk(keyword)}
    return found


def is_both(text: str) -> bool:
    """Tell whether a sentence stands in both languages: '中文 / English'."""
    chinese, _, english = text.rpartition(" / ")
    return bool(chinese and CHINESE.search(chinese) and not CHINESE.search(english))


def is_pattern(text: str) -> bool:
    return text.startswith('{"') or bool(re.search(r"\.\{|\(\?:|\\d|[^ ]\|[^ ]", text))


def texts_in(path: Path) -> Iterator[str]:
    """Give every Chinese text of a file but for documentation, refusals and patterns."""
    tree = ast.parse(path.read_text())
    skipped = left_out(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in skipped:
            text = wording(node)
            if CHINESE.search(text):
                yield text


def said_in(path: Path) -> Iterator[str]:
    for text in texts_in(path):
        if not is_both(text) and not is_pattern(text) and text not in HELD:
            yield text


@functools.cache
def wordings() -> dict[str, str]:
    """Return every wording in the server's source, with the file it stands in."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        if not is_elsewhere(path):
            for text in said_in(path):
                found.setdefault(text, path.relative_to(SOURCE).as_posix())
    fields = {c.name_zh for kind in KINDS for c in kind.columns if c.target not in ("", "-")}
    fields |= {kind.name_zh for kind in KINDS}
    return {name: "importing/model/catalogue" for name in fields if CHINESE.search(name)} | found


@functools.cache
def everything() -> set[str]:
    """Return every text in the server's source, said by a page or not: what the book may hold at all."""
    return {text for path in SOURCE.rglob("*.py") for text in texts_in(path)} | wordings().keys()


@functools.cache
def book() -> dict[str, str]:
    pages = [json.loads(path.read_text()) for path in sorted((I18N / "said").glob("*.json"))]
    assert len(pages) > 3
    return {chinese: english for page in pages for chinese, english in page.items()}


@functools.cache
def catalogue() -> dict[str, tuple[str, str]]:
    """Return the page's own texts by key: (Chinese, English)."""
    line = re.compile(r'^  "([\w./-]+)": \["((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)"\],$', re.M)
    pages = "\n".join(path.read_text() for path in sorted((I18N / "catalogue").glob("*.ts")))
    return {key: (chinese, english) for key, chinese, english in line.findall(pages)}
