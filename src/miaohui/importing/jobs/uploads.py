"""Uploaded files: kept in the data folder under their hash, previewed, queued, deleted when they are old."""

# ruff: noqa: E501
from __future__ import annotations

import hashlib
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from miaohui.importing import queries
from miaohui.importing.jobs.files import open_source
from miaohui.importing.jobs.preview import Answers, Plan, column_facts, make_plan, sample_of
from miaohui.importing.jobs.run import check_plan
from miaohui.importing.model import faults
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Tx

FOLDER = "imports"


@dataclass(frozen=True)
class Kept:
    """A stored file. `path` is relative to the data folder."""

    path: str
    sha256: str
    size: int


def keep(data_dir: Path, shop_id: int, name: str, file: IO[bytes]) -> Kept:
    """Store an upload by its hash: the same file twice takes its room once. Raises: Refusal importing.empty_file."""
    folder = data_dir / FOLDER / str(shop_id)
    folder.mkdir(parents=True, exist_ok=True)
    found = hashlib.sha256()
    part = folder / f".part-{id(file):x}"
    with part.open("wb") as target:
        while block := file.read(1 << 20):
            found.update(block)
            target.write(block)
    size = part.stat().st_size
    if not size:
        part.unlink()
        faults.EMPTY.refuse(file=name)
    path = folder / found.hexdigest()
    shutil.move(part, path)
    return Kept(f"{FOLDER}/{shop_id}/{found.hexdigest()}", found.hexdigest(), size)


def plan_of(rt: Runtime, shop_id: int, upload: dict[str, Any], answers: Answers) -> Plan:
    """Return how an upload is understood."""
    source = open_source(rt.data_dir / upload["path"], upload["file_name"], answers.sheet)

    def find(sign: str) -> dict[str, Any] | None:
        return rt.read_here(lambda conn: queries.find_template(conn, shop_id, sign))

    return make_plan(source, answers, find)


def check(rt: Runtime, shop_id: int, upload: dict[str, Any], answers: Answers) -> None:
    """Refuse what cannot be imported as it is: unknown, two shops, no period, already there."""
    plan = plan_of(rt, shop_id, upload, answers)
    key = check_plan(plan)
    kind = plan.kind.code if plan.kind else ""
    for earlier in rt.read_here(lambda conn: queries.list_batches_of_file(conn, shop_id, key, kind)):
        if earlier["outcome"] == "done":
            faults.ALREADY.refuse(batch_id=earlier["id"], file_name=earlier["file_name"])


def preview(rt: Runtime, shop_id: int, upload: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """Return what an upload is understood as, ready to be shown."""
    plan = plan_of(rt, shop_id, upload, answers)
    sample = sample_of(plan)
    period = plan.context.period
    return {
        "file_name": upload["file_name"], "size": upload["size"], "form_zh": plan.source.form_zh,
        "encoding": plan.source.encoding, "kind": plan.kind.code if plan.kind else "",
        "kind_zh": plan.kind.name_zh if plan.kind else "", "guess": plan.guess.code if plan.guess else "",
        "score": plan.score, "reason_zh": plan.reason_zh, "template_zh": plan.template_zh, "columns": column_facts(plan),
        "unknown": [h for i, h in enumerate(plan.context.header) if h.strip() and i not in plan.context.columns],
        "stores": list(plan.stores), "from_on": period.from_on if period else "", "to_on": period.to_on if period else "",
        "row_count": plan.source.row_count, "notes_zh": [*plan.source.notes_zh, *plan.notes_zh], "sample": sample.rows,
        "bad_rows": sample.bad,
    }  # fmt: skip


def queue(tx: Tx, shop_id: int, upload_id: int, answers: Answers, rest: tuple[str, int]) -> None:
    """Queue the import of an upload; `rest`: name of the template to keep ('' for none), and who asked."""
    save_template, user_id = rest
    args = {
        "upload_id": upload_id, "answers": {**asdict(answers), "agents": list(answers.agents)},
        "save_template": save_template, "user_id": user_id, "by": tx.actor.name,
    }  # fmt: skip
    tx.enqueue("importing.import_file", args, shop_id=shop_id)
