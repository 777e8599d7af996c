"""A whole process in this one, asked as a browser asks it; backups are made when the test says so."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx

from miaohui.app.backups.jobs import HANDLERS, KIND
from miaohui.app.process import Process
from miaohui.app.settings import Settings
from miaohui.kit import jobs
from miaohui.kit.tx import SYSTEM
from miaohui.kit.worker import Job
from tests import servers
from tests.app.twins import furnish


class House:
    """One process with one shop, as most installations are; jobs run when the test says so."""

    def __init__(self, folder: Path, *marks: str) -> None:
        self.runner = asyncio.Runner()
        servers.migrated_file(folder / "miaohui.db")
        self.process = Process(Settings(data_dir=folder, role="web"))
        self.shops = [furnish(self.process, mark) for mark in marks]
        self.runner.run(self.process.start())
        transport = httpx.ASGITransport(self.process.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://desk.test")
        self.folder = folder

    def ask(self, method: str, path: str, who: str = "owner") -> Any:
        headers = self.shops[0].headers(who)
        return self.runner.run(self.client.request(method, path, headers=headers))

    def work(self) -> None:
        """Do the backups that wait, as the worker would."""
        rt = self.process.rt
        rows = rt.lane.run_blocking(lambda tx: jobs.claim(tx.conn, tx.now, "test", 99, 60.0), SYSTEM)
        for row in rows:
            if row.kind == KIND:
                self.runner.run(HANDLERS[KIND](Job(row, rt), rt))

    def made(self) -> dict[str, Any]:
        assert self.ask("POST", "/api/backups").status_code == 202
        self.work()
        return self.ask("GET", "/api/backups").json()["items"][0]

    def audited(self) -> list[tuple[str, str]]:
        rows = self.ask("GET", "/api/audit?limit=50").json()["items"]
        return [(row["action"], row["result"]) for row in rows if row["action"].startswith("system.")]

    def close(self) -> None:
        self.runner.run(self.client.aclose())
        self.runner.run(self.process.stop())
        self.runner.close()
