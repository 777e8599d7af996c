"""Writing the example files: every kind, two shops, and the traps of domain.md §3."""

# ruff: noqa: E501
from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from miaohui.app.example_files import forms, tables
from miaohui.app.example_files.platform import Figures, figures
from miaohui.app.example_files.shop import Shop
from miaohui.app.example_files.world import AGENTS, Truth, day_ms

Rows = Sequence[Sequence[str]]


def write_csv(path: Path, header: list[str], rows: Rows, encoding: str = "utf-8-sig") -> Path:
    """Write a csv file."""
    with path.open("w", encoding=encoding, newline="", errors="replace") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def write_xlsx(path: Path, header: list[str], rows: Rows, titles: Rows = ()) -> Path:
    """Write a workbook with every cell as text, as the platforms do."""
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("Sheet1")
    for number, row in enumerate([*titles, header, *rows]):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell)
    book.close()
    return path


def percent(part: int, whole: int) -> str:
    """Return '98.50%', or '-' without a whole."""
    return f"{part / whole * 100:.2f}%" if whole else "-"


def seconds(total_ms: int, count: int) -> str:
    """Return an average in seconds, or '-'."""
    return f"{total_ms / count / 1000:.2f}" if count else "-"


SHOP_HEADER = ["日期", "人工已接待人数", "人工已接待会话量", "CPD", "不满意率", "3分钟人工回复率 (会话)", "3分钟人工回复率", "首次响应时长（秒）",
               "新平均响应时长（秒）", "满意率", "客服销售额（元）", "询单人数", "下单人数", "支付人数", "询单转化率", "预警会话量"]  # fmt: skip


def shop_cells(f: Figures) -> list[str]:
    """Return a row of 飞鸽 service data without its key columns."""
    return [
        str(len(f.users)), str(f.sessions), "1.02", percent(f.bad, f.rated), percent(f.first_3m, f.sessions),
        percent(f.asks_3m, f.asks), seconds(f.first_sum_ms, f.first_n), seconds(f.sum_ms, f.turns),
        percent(f.rated - f.bad, f.rated), tables.yuan(f.fen), str(f.enquiries), str(f.ordered), str(f.paid),
        percent(f.paid, f.enquiries), str(f.warned),
    ]  # fmt: skip


def total(parts: Sequence[Figures]) -> Figures:
    """Return figures added up."""
    result = Figures()
    for part in parts:
        result.users |= part.users
        for name in vars(result):
            if name != "users":
                setattr(result, name, getattr(result, name) + getattr(part, name))
    return result


def write_service(shop: Shop, out: Path, name: str) -> list[Path]:
    """Write 飞鸽 service data: the shop by day and one week (total row only), agents by day."""
    days, agents = figures(shop)
    keys = sorted(days)
    first, last = keys[0], keys[-1]
    files = [
        write_xlsx(
            out / f"{name}_飞鸽店铺数据_日_{first}_{last}.xlsx", SHOP_HEADER,
            [["合计", *shop_cells(total([days[k] for k in keys]))], *[[k, *shop_cells(days[k])] for k in keys]],
        ),
        write_xlsx(
            out / f"{name}_飞鸽店铺数据_周_{keys[-7]}_{last}.xlsx", SHOP_HEADER,
            [["合计", *shop_cells(total([days[k] for k in keys[-7:]]))]],
        ),
    ]  # fmt: skip
    header = ["客服昵称", "账号名称", "日期", *SHOP_HEADER[1:]]
    rows = [[agent, f"sg_{number:02d}", day, *shop_cells(found)]
            for number, ((day, agent), found) in enumerate(sorted(agents.items())) if agent]  # fmt: skip
    files.append(write_xlsx(out / f"{name}_飞鸽客服数据_日_{first}_{last}.xlsx", header, rows))
    return files


def write_shop(shop: Shop, out: Path, name: str) -> list[Path]:
    """Write the files of one shop: two order exports that overlap, after-sales, chats, reviews, roster, service."""
    middle = day_ms(shop.days[len(shop.days) // 2])
    overlap = middle + 2 * 86_400_000
    early = [order for order in shop.orders if order.created < overlap]
    late = [order for order in shop.orders if order.created >= middle]
    span = f"{shop.days[0]:%Y%m%d}-{shop.days[-1]:%Y%m%d}"
    files = [
        write_csv(out / f"{name}_订单导出_上半.csv", forms.ORDER_A, tables.order_rows(early, forms.ORDER_A)),
        write_csv(
            out / f"{name}_订单导出_下半.csv",
            forms.ORDER_B,
            tables.order_rows(late, forms.ORDER_B),
            "gb18030",
        ),
        write_xlsx(
            out / f"{name}_售后单_{span}.xlsx", forms.AFTERSALE, tables.aftersale_rows(shop.aftersales)
        ),
        write_csv(out / f"{name}_聊天记录_{span}.csv", forms.CHAT, tables.chat_rows(shop)),
        write_xlsx(out / f"{name}_评价_{span}.xlsx", forms.REVIEW, tables.review_rows(shop.reviews)),
        write_xlsx(out / f"{name}_排班_{span}.xlsx", forms.ROSTER, roster_rows(shop)),
    ]
    return files + write_service(shop, out, name)


def roster_rows(shop: Shop) -> list[list[str]]:
    """Return the roster the world really ran on."""
    names = {9: "早班", 11: "中班", 13: "晚班", 14: "晚班", 15: "晚班"}
    return [
        [
            agent,
            day.isoformat(),
            names[start],
            f"{start:02d}:00",
            f"{end:02d}:00",
            "售前" if start != 15 else "售后",
        ]
        for day in shop.days
        for agent, (start, end) in AGENTS.items()
    ]


def write_other_platforms(out: Path, last: date) -> list[Path]:
    """Write 生意参谋 (mixed brackets, six total rows, date in the name), 千牛 refunds, 拼多多 (two shops in one)."""
    stores = ("拾光拼多多店", "拾光家居店")
    pdd_rows = [
        [store, agent, last.isoformat(), "120", "31.5%", "1.2万", "97.20%", "88.10%", "92"]
        for store in stores
        for agent in ("pdd小一", "pdd小二")
    ]
    return [
        write_xlsx(out / f"客服绩效{last:%Y%m%d}.xlsx", forms.PERFORMANCE, performance_rows()),
        write_xlsx(out / f"千牛退款单_{last:%Y%m%d}.xlsx", forms.REFUND, refund_rows(last)),
        write_csv(out / f"拼多多客服数据_两店_{last:%Y%m%d}.csv", forms.PDD, pdd_rows),
    ]


def performance_rows() -> list[list[str]]:
    """Return 生意参谋 rows: three agents and the six total rows below them."""
    agents = [
        ("拾光:晚晚", 86, 41, 18_320_00),
        ("拾光:木子", 64, 28, 11_905_50),
        ("拾光:阿文", 71, 30, 13_440_00),
    ]
    asked, paid, fen = (sum(agent[i] for agent in agents) for i in (1, 2, 3))  # type: ignore[misc]
    words = ("汇总值", "平均值", "全店汇总值", "全店平均值", "同行同层优秀", "同行同层均值")
    rest = ["21.4", "38.2", "96.3%", "99.1%", "1,204.00"]
    return [[n, str(e), str(p), percent(p, e), tables.yuan(f), *rest] for n, e, p, f in agents] + [
        [word, str(asked), str(paid), percent(paid, asked), tables.yuan(fen), *rest] for word in words
    ]


def refund_rows(last: date) -> list[list[str]]:
    """Return 千牛 refunds."""
    return [
        [f"33{i:017d}", f"44{i:017d}", "129.00", "129.00", "已发货", "退货退款", "退款成功", f"{last} 10:{i:02d}:00",
         f"{last} 18:{i:02d}:00", "尺码不合适", "6650001", "羊毛针织开衫", f"{last} 08:00:00"]
        for i in range(40)
    ]  # fmt: skip


def write_traps(shop: Shop, out: Path) -> list[Path]:
    """Write what goes wrong in life: each file's name says what is wrong with it."""
    folder = out / "坏文件"
    folder.mkdir(exist_ok=True)
    rows = tables.order_rows(shop.orders[:30], forms.ORDER_B)
    good = io.StringIO()
    csv.writer(good).writerows([forms.ORDER_B, *rows])
    text = good.getvalue()
    cut = write_xlsx(folder / "下载不完整.xlsx", forms.AFTERSALE, tables.aftersale_rows(shop.aftersales[:50]))
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 2 // 3])
    lines = text.encode().splitlines(keepends=True)
    odd = [line if i % 2 == 0 else line.decode().encode("gb18030") for i, line in enumerate(lines)]
    cells = "".join(f"<td>{cell}</td>" for cell in forms.ORDER_B)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    mangled = [[*row] for row in rows]
    for row in mangled[:10]:
        row[1] = "6.92E+18"
    mangled[11][4], mangled[12][4] = '=HYPERLINK("http://x","点我")', "=1+1"
    files: dict[str, bytes] = {
        "空文件.csv": b"", "只有表头.csv": ",".join(forms.ORDER_B).encode(), "混合编码.csv": b"".join(odd),
        "其实是网页.xls": f"<html><table><tr>{cells}</tr>{body}</table></html>".encode(), "截断.csv": text.encode()[: len(text.encode()) - 300],
        "设了密码.xlsx": bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 2000,
        "不是表格.pdf": b"%PDF-1.7\n", "改名表头.csv": "单号甲,单号乙,宝贝,实收,拍下时刻,现状\n".encode()
        + b"".join(f"{o.order_id},{o.item_id},{o.product.name},{o.fen / 100},{tables.local(o.created)},{o.status}\n".encode() for o in shop.orders[:20]),
    }  # fmt: skip
    paths = [cut, write_csv(folder / "编号被毁_含公式.csv", forms.ORDER_B, mangled)]
    for name, content in files.items():
        (folder / name).write_bytes(content)
        paths.append(folder / name)
    paths.append(_merged(folder / "合并单元格.xlsx", shop))
    with zipfile.ZipFile(folder / "压缩包.zip", "w") as archive:
        archive.writestr("读我.txt", "请先解压")
    return [*paths, folder / "压缩包.zip"]


def _merged(path: Path, shop: Shop) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.merge_range(0, 0, 0, 5, "十一月排班表")
    for column, name in enumerate(forms.ROSTER):
        sheet.write_string(1, column, name)
    agents: list[Any] = list(AGENTS.items())[:4]
    for block, (agent, (start, end)) in enumerate(agents):
        top = 2 + block * 5
        sheet.merge_range(top, 0, top + 4, 0, agent)
        for offset in range(5):
            row = ["", shop.days[offset].isoformat(), "早班", f"{start:02d}:00", f"{end:02d}:00", "售前"]
            for column, cell in enumerate(row[1:], 1):
                sheet.write_string(top + offset, column, cell)
    book.close()
    return path


def write_examples(out: Path, seed: int, last: date, days: int = 28, scale: float = 1.0) -> list[Path]:
    """Write every example file into `out` and return them; the same seed makes the same files."""
    out.mkdir(parents=True, exist_ok=True)
    first = Shop(seed, last, days, scale=scale).run()
    second = Shop(seed + 1, last, days, Truth(sessions_a_day=60, freight_share=0.08), scale=scale).run()
    files = write_shop(first, out, "拾光女装")
    other = out / "另一家店"
    other.mkdir(exist_ok=True)
    files += write_shop(second, other, "拾光家居")
    text = other / "拾光家居_聊天记录_纯文本.txt"
    text.write_text(tables.chat_text(second, 30), encoding="utf-8")
    files.append(text)
    return [*files, *write_other_platforms(out, last), *write_traps(first, out)]
