"""Verbs of importing: open, write, complete, undo and drop batches; keep templates."""

from miaohui.importing.actions.batches import (
    close_batch,
    drop_open_batches,
    open_batch,
    request_cancel,
    undo_batch,
)
from miaohui.importing.actions.rows import Written, write_bad_rows, write_rows
from miaohui.importing.actions.templates import forget_template, save_template, store_upload

__all__ = [
    "Written", "close_batch", "drop_open_batches", "forget_template", "open_batch", "request_cancel",
    "save_template", "store_upload", "undo_batch", "write_bad_rows", "write_rows",
]  # fmt: skip
