"""Commands of importing and insight: `import`, `imports`, `undo-import`, `report`, `calibrate`, `example-files`.

They work on the installation's database without a running server; on SQLite they take the same lock as the server,
so that two programs never write one file. Heavy imports stay inside the commands.
"""

# ruff: noqa: E501
from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from miaohui.app.offline import Bench, chosen_shop, local_time_text, opened, shop_name, stop
from miaohui.app.settings import Settings

if TYPE_CHECKING:
    from miaohui.importing.jobs.preview import Answers, Plan

app = typer.Typer(no_args_is_help=True, add_completion=False)
ShopOption = Annotated[int | None, typer.Option("--shop", help="店铺编号；只有一家时不用填 / shop id")]


@app.command("import")
def import_files(  # noqa: PLR0913 -- each option is a parameter
    files: Annotated[list[Path], typer.Argument(help="要导入的文件 / files to import")],
    shop: ShopOption = None,
    kind: Annotated[str, typer.Option(help="文件种类，认不准时用 / kind of file")] = "",
    store: Annotated[str, typer.Option(help="文件里有几家店时选一家 / one of several shops")] = "",
    columns: Annotated[
        list[str] | None, typer.Option("--map", help="列对应：列名=字段 / header=field")
    ] = None,
    since: Annotated[str, typer.Option("--from", help="统计开始日 / first day")] = "",
    until: Annotated[str, typer.Option("--to", help="统计结束日 / last day")] = "",
    save_as: Annotated[str, typer.Option(help="把列对应存成模板，名称 / keep the mapping")] = "",
    dry_run: Annotated[bool, typer.Option(help="只看认成什么，不写入 / preview only")] = False,
) -> None:
    """导入后台导出的文件 / import files that platforms export."""
    from miaohui.importing.jobs.preview import Answers

    mapping = dict(pair.split("=", 1) for pair in columns or [] if "=" in pair)
    answers = Answers(kind, mapping, since, until, store)
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        stop(f"找不到文件：{'、'.join(missing)}")
    failed = 0
    with opened(Settings(), writes=True) as bench:
        shop_id = chosen_shop(bench, shop)
        for path in files:
            failed += not _import_one(bench, shop_id, path, answers, (save_as, dry_run))
    raise typer.Exit(1 if failed else 0)


def _import_one(bench: Bench, shop_id: int, path: Path, answers: Answers, how: tuple[str, bool]) -> bool:
    from miaohui.importing import actions, queries
    from miaohui.importing.jobs.files import open_source
    from miaohui.importing.jobs.preview import make_plan
    from miaohui.kit.errors import Refusal

    save_as, dry_run = how
    try:
        source = open_source(path)
        plan = make_plan(
            source, answers, lambda sign: bench.read(lambda conn: queries.find_template(conn, shop_id, sign))
        )
        _show_plan(plan)
        if dry_run:
            return plan.kind is not None
        _drop_left_behind(bench, shop_id)
        if save_as and plan.kind is not None:
            kind = plan.kind.code
            bench.write(
                lambda tx: actions.save_template(
                    tx, shop_id, save_as, kind, answers.mapping, plan.context.header
                )
            )
        _carry_out(bench, shop_id, plan)
    except Refusal as refusal:
        _show_refusal(path.name, refusal)
        return False
    return True


def _drop_left_behind(bench: Bench, shop_id: int) -> None:
    """Take back what a process that died left open.

    Only on SQLite, where we hold the lock: on PostgreSQL an open import may be a server's that is still at work.
    """
    from miaohui.importing import actions

    if not bench.db.is_sqlite:
        return
    dropped = bench.write(lambda tx: actions.drop_open_batches(tx, shop_id, "failed", "进程中断"))
    if dropped:
        typer.echo(f"  已撤回 {len(dropped)} 次中断的导入")


def _carry_out(bench: Bench, shop_id: int, plan: Plan) -> None:
    from miaohui.importing.jobs.run import Progress, Watch, import_file
    from miaohui.insight.jobs.follow import follow_import

    shown = sys.stderr.isatty()

    def tell(progress: Progress) -> None:
        if shown:
            share = f"（{progress.share:.0%}）" if progress.share is not None else ""
            typer.echo(f"\r  已读 {progress.rows:,} 行{share}   ", nl=False, err=True)

    report = import_file(bench.write, shop_id, plan, Watch(tell))
    if shown:
        typer.echo("\r" + " " * 40 + "\r", nl=False, err=True)
    turns = 0
    if report.table == "messages":
        turns = follow_import(bench.read, bench.write, shop_id, report.batch_id)
    counted = f"，{turns:,} 轮对话" if turns else ""
    typer.echo(
        f"  ✔ 导入 {report.rows:,} 行，新增 {report.new:,}{counted}，用时 {report.seconds:.1f} 秒（编号 {report.batch_id}）"
    )
    for note in report.notes_zh:
        typer.echo(f"    · {note}")
    for number, column, reason, value in report.bad_rows[:5]:
        typer.echo(f"    ✘ 第 {number} 行 {column}：{reason}　{value[:30]}")
    for check in report.check_sums:
        typer.echo(
            f"    · 合计行核对：{check['column_zh']} 文件写 {check['stated']:,.0f}，各行相加 {check['added']:,.0f}"
        )


def _show_plan(plan: Plan) -> None:
    source = plan.source
    name = plan.kind.name_zh if plan.kind else f"认不准（像{plan.guess.name_zh}）" if plan.guess else "认不准"
    detail = f"{source.form_zh}{'，' + source.encoding if source.encoding else ''}"
    if plan.template_zh:
        detail += f"，按模板“{plan.template_zh}”"
    known = sum(1 for column in plan.context.columns.values() if column.target)
    typer.echo(
        f"{source.name}\n  → {name}（{detail}，认出 {known} 列，另存 {len(plan.context.header) - len(plan.context.columns)} 列）"
    )
    if plan.kind is None:
        typer.echo(
            f"    {plan.reason_zh}；用 --kind 种类 和 --map 列名=字段 说明，可用 --save-as 名称 存成模板"
        )


def _show_refusal(name: str, refusal: Any) -> None:
    typer.echo(f"  ✘ {name}：{refusal.kind.zh}", err=True)
    for key in ("reason", "guess", "stores", "reasons", "problems"):
        if refusal.detail.get(key):
            value = refusal.detail[key]
            typer.echo(f"    {'；'.join(value) if isinstance(value, list) else value}", err=True)


@app.command("imports")
def list_imports(shop: ShopOption = None) -> None:
    """导入记录 / imports and how they ended."""
    from miaohui.importing import queries
    from miaohui.importing.model.catalogue import KIND_OF

    names = {
        "done": "完成",
        "undone": "已撤销",
        "cancelled": "已取消",
        "failed": "失败",
        None: "进行中或中断",
    }
    with opened(Settings(), writes=False) as bench:
        shop_id = chosen_shop(bench, shop)
        for b in bench.read(lambda conn: queries.list_batches(conn, shop_id, limit=100)):
            counts = b["counts"]
            typer.echo(
                f"{b['id']}  {names[b['outcome']]}  {KIND_OF[b['kind']].name_zh}  {counts.get('rows', 0):,} 行  {b['file_name']}"
            )


@app.command("undo-import")
def undo_import(
    batch_id: Annotated[int, typer.Argument(help="导入编号 / id of the import")],
    shop: ShopOption = None,
    reason: Annotated[str, typer.Option(help="原因 / why")] = "命令行撤销",
) -> None:
    """撤销一次导入 / undo an import completely."""
    from miaohui.importing import actions, queries
    from miaohui.insight.jobs.follow import follow_undo
    from miaohui.kit.errors import Refusal

    with opened(Settings(), writes=True) as bench:
        shop_id = chosen_shop(bench, shop)
        try:
            batch = bench.read(lambda conn: queries.get_batch(conn, shop_id, batch_id))
            bench.write(lambda tx: actions.undo_batch(tx, shop_id, batch_id, reason))
        except Refusal as refusal:
            stop(refusal.kind.zh)
        counts = batch["counts"]
        if batch["kind"].startswith("chat"):
            follow_undo(
                bench.read, bench.write, shop_id, counts.get("from_ms") or 0, counts.get("to_ms") or 0
            )
        typer.echo(f"已撤销：{batch['file_name']}")


@app.command("report")
def report_command(  # noqa: PLR0913 -- each option is a parameter
    shop: ShopOption = None,
    since: Annotated[str, typer.Option("--from", help="开始日，默认最近一周 / first day")] = "",
    until: Annotated[str, typer.Option("--to", help="结束日 / last day")] = "",
    out: Annotated[Path, typer.Option(help="输出目录 / folder")] = Path("report"),
    name: Annotated[str, typer.Option(help="报告上的店名 / name on the report")] = "",
    platform: Annotated[str, typer.Option(help="douyin | tmall | jd | pinduoduo")] = "douyin",
    pdf: Annotated[bool, typer.Option(help="同时生成 PDF / also PDF")] = True,
) -> None:
    """生成周报：网页、Excel、PDF / weekly report as page, workbook and PDF."""
    from miaohui.insight.jobs.report.make import write_report
    from miaohui.insight.queries.report import ReportOptions
    from miaohui.kit.errors import Refusal

    with opened(Settings(), writes=False) as bench:
        shop_id = chosen_shop(bench, shop)
        title = name or shop_name(bench, shop_id)
        options = ReportOptions(since, until, platform, title, local_time_text())
        try:
            made = write_report(bench.read, shop_id, options, out, with_pdf=pdf)
        except Refusal as refusal:
            stop(refusal.kind.zh)
    typer.echo(made.paragraph_zh)
    for path in made.files:
        typer.echo(f"  {path}")
    if made.pdf_note_zh:
        typer.echo(f"  PDF 没有生成：{made.pdf_note_zh}", err=True)


@app.command("example-files")
def example_files(
    out: Annotated[Path, typer.Option(help="输出目录 / folder")] = Path("example-files"),
    seed: Annotated[int, typer.Option(help="随机种子 / seed")] = 7,
    days: Annotated[int, typer.Option(min=7, max=120, help="天数 / days")] = 28,
    until: Annotated[str, typer.Option("--to", help="最后一天 / last day")] = "2026-11-22",
    scale: Annotated[float, typer.Option(min=0.05, max=50, help="会话量倍数 / size")] = 1.0,
) -> None:
    """生成示例文件：各种导出、两家店、各种坏文件 / every kind of file, two shops, all the traps."""
    from datetime import date

    from miaohui.app.example_files.write import write_examples

    for path in write_examples(out, seed, date.fromisoformat(until), days, scale):
        typer.echo(str(path))
