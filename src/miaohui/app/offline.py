"""The installation's database without a running server: for commands that read files or write reports."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from miaohui.app.settings import Settings

if TYPE_CHECKING:
    from miaohui.kit.db import Database
    from miaohui.kit.tx import Tx


@dataclass
class Bench:
    """An opened installation: one way to write, one way to read."""

    db: Database
    write: Callable[[Callable[[Tx], Any]], Any]

    def read(self, fn: Callable[[Any], Any]) -> Any:
        """Run `fn(conn)` on a reading connection."""
        with self.db.read() as conn:
            return fn(conn)


@contextlib.contextmanager
def opened(settings: Settings, *, writes: bool) -> Iterator[Bench]:
    """Open the installation's database: migrated and locked when it is to be written."""
    from miaohui.app import anchors, migrations, tables
    from miaohui.app.locking import AlreadyRunning, lock_data_dir
    from miaohui.kit.clock import SteadyClock
    from miaohui.kit.db import Database
    from miaohui.kit.ids import IdSource
    from miaohui.kit.randomness import system_rng
    from miaohui.kit.tx import Actor, Tx, Wiring

    assert tables.ROOMS
    lock = None
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if writes and settings.database_url.startswith("sqlite"):
        try:
            lock = lock_data_dir(settings.data_dir)
        except AlreadyRunning as busy:
            stop(f"{busy}\n正在运行时，请在页面“导入”里上传文件。")
    db = Database(settings.database_url, settings.durability, allow_unsafe=settings.allow_unsafe)
    if not writes and db.path is not None and not db.path.exists():
        stop("还没有数据：先用 miaohui import 文件… 导入后台导出的文件。")
    if writes:
        migrations.upgrade(db)
    clock = SteadyClock(anchors.load(db))
    # No wiring: what follows from an import is done here at once, not by a server's jobs later.
    ids, rng, rules = IdSource(clock, settings.node), system_rng(), Wiring()

    def write(fn: Callable[[Tx], Any]) -> Any:
        with db.write() as conn:
            tx = Tx(conn, clock.now(), Actor("user", None, "命令行"), rules, ids, rng)
            result = fn(tx)
            tx.flush()
            return result

    try:
        yield Bench(db, write)
    finally:
        db.close()
        if lock is not None:
            lock.close()


def stop(message: str, code: int = 1) -> NoReturn:
    """Print what is wrong and what to do, and leave."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


def chosen_shop(bench: Bench, shop: int | None) -> int:
    """Return the shop: the given one, the only one, or 1 where no shop was made yet."""
    from miaohui.shop import queries as shops

    if shop is not None:
        return shop
    ids = bench.read(shops.list_shop_ids)
    if len(ids) > 1:
        found = bench.read(lambda conn: shops.list_shops(conn, ids))
        names = "、".join(f"{row.name}（{row.id}）" for row in found)
        stop(f"有不止一家店铺，请用 --shop 编号 选择：{names}")
    return int(ids[0]) if ids else 1


def shop_name(bench: Bench, shop_id: int) -> str:
    """Return the shop's name, '' where no shop was made yet."""
    from miaohui.shop import queries as shops

    found = bench.read(lambda conn: shops.find_shop(conn, shop_id))
    return str(found.name) if found else ""


def local_time_text() -> str:
    """Return the time in China now, such as '2026-11-23 09:05'."""
    from datetime import timedelta

    from miaohui.kit.clock import SteadyClock

    return (SteadyClock().now() + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M")
