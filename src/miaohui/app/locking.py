"""One process on one SQLite file: the lock of a data folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO


class AlreadyRunning(Exception):
    """A second process wants the same SQLite file."""


def lock_data_dir(data_dir: Path) -> IO[str]:
    """Take the lock of a data folder, or refuse.

    Raises: AlreadyRunning, naming the process that holds it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    handle = (data_dir / "miaohui.lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.seek(0)
        holder = handle.read().strip() or "?"
        raise AlreadyRunning(
            f"{data_dir} 正被另一个秒回进程使用（进程号 {holder}）。\n"
            "请先停止它，或用 MIAOHUI_DATA_DIR 换一个目录。\n"
            f"{data_dir} is in use by another Miaohui process (pid {holder}):\n"
            "stop it, or set MIAOHUI_DATA_DIR."
        ) from error
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle
