"""The command `miaohui`. Heavy imports stay inside the commands, so that `--help` is quick."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from miaohui.app import facts_cli, import_cli
from miaohui.app.erasure import command as erase_command
from miaohui.app.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="秒回 Miaohui：抖店客服运营系统")


def say(message: str, **facts: Any) -> None:
    """Print for people on a terminal, as one JSON line elsewhere."""
    if sys.stdout.isatty():
        extra = "  ".join(f"{k}={v}" for k, v in facts.items())
        typer.echo(f"{message}  {extra}".rstrip())
    else:
        typer.echo(json.dumps({"message": message, **facts}, ensure_ascii=False, default=str))


def fail(message: str) -> None:
    """Print a clear text and leave with status 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)


@app.command()
def run(
    demo: Annotated[
        bool, typer.Option(help="示例店铺、模拟买家与同事 / example shop with simulated people")
    ] = False,
    speed: Annotated[
        float, typer.Option(min=0.1, max=100, help="需求时钟倍速 / speed of the demand clock")
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="随机种子 / seed of the example world")] = 7,
    scenario: Annotated[str, typer.Option(help="live-evening | ordinary-day | promotion")] = "live-evening",
    port: Annotated[int | None, typer.Option(help="端口 / port")] = None,
) -> None:
    """启动服务 / start the server."""
    gc.disable()  # hundreds of thousands of lasting objects are made while importing: do not search them
    from miaohui.app import serve

    settings = Settings()
    if port is not None:
        settings.port = port
    options = serve.DemoOptions(speed, seed, scenario) if demo else None
    raise typer.Exit(serve.run(settings, options))


@app.command("seed")
def seed_command(seed: Annotated[int, typer.Option(help="随机种子 / seed")] = 7) -> None:
    """生成示例店铺 / make the example shop without starting anything."""
    from miaohui.app import serve

    for line in serve.seed_only(Settings(), seed):
        typer.echo(line)


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """运行状态 / what the running installation does."""
    from miaohui.app import operations
    from miaohui.app.troubles import told_plainly

    with told_plainly():
        found = operations.status(Settings())
    if as_json or not sys.stdout.isatty():
        typer.echo(json.dumps(found, ensure_ascii=False, default=str))
    else:
        for key, value in found.items():
            typer.echo(f"{key:24} {value}")


@app.command()
def doctor(
    accept_clock: Annotated[bool, typer.Option(help="以系统时间为准 / take over the machine's time")] = False,
) -> None:
    """体检 / check settings, database, clock, disk; say what to do."""
    from miaohui.app import operations

    findings = operations.doctor(Settings(), accept_clock=accept_clock)
    for finding in findings:
        say(f"{finding.mark} {finding.text}", **({"to_do": finding.to_do} if finding.to_do else {}))
    raise typer.Exit(0 if all(f.is_fine for f in findings) else 1)


@app.command()
def backup(target: Annotated[Path, typer.Argument(help="备份文件 / file to write")]) -> None:
    """在线备份 / consistent online backup (database, attachments, key)."""
    from miaohui.app.backups import archive

    try:
        size = archive.backup(Settings(), target)
    except archive.Impossible as error:
        fail(str(error))
    else:
        say("备份完成 / backup written", file=str(target), bytes=size)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="备份文件 / backup to restore")],
    replace: Annotated[bool, typer.Option(help="覆盖现有数据 / replace what is there")] = False,
) -> None:
    """恢复备份 / restore a backup after checking it."""
    from miaohui.app.backups import archive

    try:
        facts = archive.restore(Settings(), source, replace=replace)
    except archive.Impossible as error:
        fail(str(error))
    else:
        say("恢复完成 / restored", **facts)


@app.command()
def upgrade() -> None:
    """升级数据库结构 / bring the schema up to date (also done at every start)."""
    from miaohui.app import migrations
    from miaohui.app.process import lock_data_dir
    from miaohui.app.troubles import told_plainly
    from miaohui.kit.db import Database

    settings = Settings()
    with told_plainly():
        lock = lock_data_dir(settings.data_dir) if settings.database_url.startswith("sqlite") else None
        done = migrations.upgrade(Database(settings.database_url, settings.durability))
    say("数据库已是最新 / schema is up to date", revision=migrations.HEAD, changed=done)
    if lock is not None:
        lock.close()


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="all 或名称 / all, or one of the list")] = "list",
    quick: Annotated[bool, typer.Option(help="短版 / short form")] = False,
    out: Annotated[Path | None, typer.Option(help="写入 JSON / also write JSON")] = None,
) -> None:
    """性能数字 / print the figures, with the machine they were measured on."""
    from miaohui.app.bench import registry

    raise typer.Exit(registry.run(name, quick=quick, out=out))


@app.command()
def prove(
    name: Annotated[str, typer.Argument(help="all | kill | power | chaos | jobs | clocks")] = "list",
    quick: Annotated[bool, typer.Option(help="短版 / short form for CI")] = False,
    seed: Annotated[int, typer.Option(help="随机种子 / seed")] = 0,
) -> None:
    """可靠性证明 / prove that nothing is lost and nothing happens twice."""
    from miaohui.app.prove import registry

    raise typer.Exit(registry.run(name, quick=quick, seed=seed))


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False
)
def sim(ctx: typer.Context) -> None:
    """模拟买家或同事单独运行 / run simulated buyers or colleagues alone: sim buyers|agents --base-url …"""
    from miaohui.app.sim.__main__ import main as play

    raise typer.Exit(play(ctx.args))


for more in (import_cli, facts_cli, erase_command):
    app.registered_commands += more.app.registered_commands


def main() -> None:
    """Run the command."""
    app()


if __name__ == "__main__":
    main()
