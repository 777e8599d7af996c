"""What operators do from the command line: status and doctor. Backups: `app/backups`."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from miaohui.app import anchors, migrations, scrub
from miaohui.app.process import AlreadyRunning, lock_data_dir
from miaohui.app.settings import Settings
from miaohui.app.troubles import trouble_of
from miaohui.kit import audit, feed, jobs
from miaohui.kit.clock import SteadyClock
from miaohui.kit.db import Database
from miaohui.kit.engines import UnsafeDatabase, sqlite_module

NAMED = 20  # so many dead jobs are named; more of them say nothing new


def _is_running(settings: Settings) -> bool:
    try:
        lock_data_dir(settings.data_dir).close()
    except AlreadyRunning:
        return True
    return False


def _open(settings: Settings) -> Database:
    return Database(settings.database_url, settings.durability, allow_unsafe=True)


def status(settings: Settings) -> dict[str, Any]:
    """Return what the installation does: running or not, sizes, queues, dead letters, feed."""
    found: dict[str, Any] = {"data_dir": str(settings.data_dir), "running": _is_running(settings)}
    path = settings.data_dir / "miaohui.db"
    if settings.database_url.startswith("sqlite") and not path.exists():
        return {**found, "database": "还没有数据 / no data yet"}
    db = _open(settings)
    try:
        with db.read() as conn:
            found |= {"schema": migrations.current(db), "schema_of_program": migrations.HEAD} | _counts(conn)
    finally:
        db.close()
    if path.exists():
        found["database_bytes"] = path.stat().st_size
    return found


def _counts(conn: Connection) -> dict[str, Any]:
    by_state = conn.exec_driver_sql("SELECT state, count(*) FROM kit_jobs GROUP BY state").all()
    first, last = feed.edges(conn)
    return {
        "jobs": {str(state): int(n) for state, n in by_state},
        "dead_jobs": [_dead_words(row) for row in jobs.list_dead(conn, limit=NAMED)],
        "next_job_due": jobs.next_due(conn),
        "feed_first_id": first,
        "feed_last_id": last,
        "audit_rows": audit.count(conn),
    }


def _dead_words(row: dict[str, Any]) -> str:
    """Return what a dead job was and why it died, on one line."""
    whose = "本机 / installation" if row["shop_id"] == jobs.NO_SHOP else f"店铺 / shop {row['shop_id']}"
    last = (str(row["error"] or "").strip().splitlines() or [""])[-1]
    return f"{row['kind']} #{row['id']}（{whose}）: {last[:160]}"


@dataclass(frozen=True)
class Finding:
    """One result of the doctor: ok, hint or problem, and what to do."""

    mark: str
    text: str
    to_do: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether nothing must be done."""
        return self.mark != "✘"


def doctor(settings: Settings, *, accept_clock: bool = False) -> list[Finding]:
    """Check library, database, clock, audit chain and disk."""
    found = [_sqlite_finding(), _disk_finding(settings)]
    path = settings.data_dir / "miaohui.db"
    if settings.database_url.startswith("sqlite") and not path.exists():
        return [*found, Finding("✔", "还没有数据库，首次启动时会创建 / no database yet")]
    try:
        db = Database(settings.database_url, settings.durability, allow_unsafe=settings.allow_unsafe)
    except UnsafeDatabase as error:
        return [*found, Finding("✘", str(error), "见上 / see above")]
    try:
        found += [*_database_findings(db), *_damage_findings(db), *_dead_findings(db)]
        found.append(_clock_finding(settings, db, accept_clock=accept_clock))
    except DBAPIError as error:
        if (text := trouble_of(error)) is None:
            raise
        found.append(Finding("✘", *text.split("\n")))
    finally:
        db.close()
    return found


def _sqlite_finding() -> Finding:
    version = sqlite_module.sqlite_version
    fine = tuple(int(p) for p in version.split(".")) > (3, 51, 2)
    todo = "" if fine else "pip install 'pysqlite3>=0.6.1'"
    return Finding("✔" if fine else "✘", f"SQLite {version}", todo)


def _disk_finding(settings: Settings) -> Finding:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free
    text = f"磁盘剩余 {free // 2**20:,} MiB / free disk"
    return (
        Finding("✔", text)
        if free > 2**30
        else Finding("✘", text, "请清理磁盘，至少保留 1 GiB / free at least 1 GiB")
    )


def _database_findings(db: Database) -> list[Finding]:
    found = []
    schema = migrations.current(db)
    fine = schema == migrations.HEAD
    todo = "" if fine else "运行 miaohui upgrade / run `miaohui upgrade`"
    found.append(Finding("✔" if fine else "✘", f"数据库结构版本 {schema} / schema", todo))
    with db.read() as conn:
        if db.is_sqlite:
            answer = str(conn.exec_driver_sql("PRAGMA quick_check").scalar())
            todo = (
                ""
                if answer == "ok"
                else "立即停止写入，用最近的备份恢复 / stop and restore the newest backup"
            )
            found.append(Finding("✔" if answer == "ok" else "✘", f"SQLite quick_check: {answer[:200]}", todo))
        verdict = audit.verify(conn)
    broken = verdict.broken_at is not None
    text = f"审计链 {verdict.row_count} 条" + (
        f"，在第 {verdict.broken_at} 条断开：{verdict.reason}" if broken else " 完整"
    )
    found.append(
        Finding(
            "✘" if broken else "✔",
            text,
            "审计被改动过，请核查备份 / the audit was tampered with" if broken else "",
        )
    )
    return found


def _damage_findings(db: Database) -> list[Finding]:
    """Hold every message against its row hash: SQLite's own check does not see most flipped bits (F4)."""
    if migrations.current(db) != migrations.HEAD:
        return []
    with db.read() as conn:
        damaged = scrub.list_damaged(conn)
    if not damaged:
        return [Finding("✔", "消息与存入时一致 / messages are what was stored")]
    named = "、".join(map(str, damaged[:NAMED]))
    return [
        Finding(
            "✘", f"{len(damaged)} 条消息与存入时不一致 / messages damaged: {named}",
            "先另存数据目录，检查磁盘，再用最近的备份恢复 / keep a copy, check the disk, restore a backup",
        )
    ]  # fmt: skip


def _dead_findings(db: Database) -> list[Finding]:
    """Return what failed for good, the installation's own jobs included: nobody else sees those (F19)."""
    with db.read() as conn:
        dead = jobs.list_dead(conn, limit=NAMED)
    todo = "老板登录后在“设置 → 失败的推送”里重放或丢弃 / the owner replays or discards it in the settings"
    return [Finding("✘", f"任务失败 / dead job: {_dead_words(row)}", todo) for row in dead]


def _clock_finding(settings: Settings, db: Database, *, accept_clock: bool) -> Finding:
    clock = SteadyClock(anchors.load(db))
    skew = clock.skew_s()
    if accept_clock:
        if _is_running(settings):
            return Finding(
                "✘", "服务正在运行 / the server is running", "先停止服务，再接受系统时间 / stop it first"
            )
        anchors.save(db, SteadyClock().anchor)
        return Finding("✔", f"已改用系统时间（相差 {skew:.1f} 秒） / took over the machine's time")
    if abs(skew) <= 2:
        return Finding("✔", f"时钟一致（相差 {skew:.2f} 秒） / clock agrees")
    return Finding(
        "✘", f"系统时间跳变了 {skew:.0f} 秒，计时仍按跳变前进行 / the machine's clock stepped",
        "确认系统时间正确后，停止服务并运行 miaohui doctor --accept-clock",
    )  # fmt: skip
