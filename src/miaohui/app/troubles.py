"""What keeps the program from starting, said in words and with what to do (reliability.md F4, R17)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import typer
from sqlalchemy.exc import DBAPIError

from miaohui.app.locking import AlreadyRunning
from miaohui.kit.engines import UnsafeDatabase

_DAMAGED = (
    "数据库文件已损坏：{reason}。请不要继续写入：先把整个数据目录另存一份，再用最近的备份恢复"
    "（miaohui restore 备份文件 --replace）。\n"
    "The database file is damaged: {reason}. Keep a copy of the data folder, then restore the newest backup"
    " (miaohui restore FILE --replace)."
)
_TEXTS = {
    5: "数据库正被别的程序锁住：{reason}。请关掉打开它的程序后重试。\n"
    "The database is locked by another program: {reason}. Close that program and try again.",
    8: "数据目录不可写：{reason}。请检查目录权限与磁盘。\n"
    "The data folder cannot be written: {reason}. Check its permissions and the disk.",
    10: "读写磁盘失败：{reason}。请检查磁盘与剩余空间。\nThe disk failed: {reason}. Check the disk and its room.",
    11: _DAMAGED,
    13: "磁盘已满：{reason}。请清理后再启动。\nThe disk is full: {reason}. Make room, then start again.",
    14: "打不开数据库文件：{reason}。请检查目录是否存在、有无权限。\n"
    "The database file cannot be opened: {reason}. Check that the folder exists and is yours.",
    26: _DAMAGED,
}
_UNREACHABLE = (
    "连不上数据库：{reason}。请检查 MIAOHUI_DATABASE 与数据库服务。\n"
    "The database cannot be reached: {reason}. Check MIAOHUI_DATABASE and the server."
)


def trouble_of(error: DBAPIError) -> str | None:
    """Return what is wrong and what to do; None for what is nobody's fault but ours."""
    reason = str(error.orig).strip().split("\n")[0][:200]
    number = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    if number in _TEXTS:
        return _TEXTS[number].format(reason=reason)
    if reason.startswith("Could not decode to UTF-8"):  # the rest of it is somebody's words
        return _DAMAGED.format(reason="text is not UTF-8")
    state = getattr(error.orig, "sqlstate", "") or "08"
    is_away = hasattr(error.orig, "sqlstate") and state[:2] in ("08", "28", "3D", "57")
    return _UNREACHABLE.format(reason=reason) if is_away else None


@contextlib.contextmanager
def told_plainly() -> Iterator[None]:
    """Print a trouble without a traceback and leave with status 1; anything else is a bug and shows as one."""
    try:
        yield
    except (AlreadyRunning, UnsafeDatabase) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except DBAPIError as error:
        if (text := trouble_of(error)) is None:
            raise
        typer.echo(text, err=True)
        raise typer.Exit(1) from None
