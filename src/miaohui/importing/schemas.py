"""What importing shows over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from miaohui.kit.http import DayOrEmpty, Schema

Text80 = Annotated[str, Field(max_length=80)]


class AnswersIn(Schema):
    """What a person says about a file; everything may stay open. `mapping`: header → field."""

    kind: Text80 = ""
    mapping: dict[Annotated[str, Field(max_length=200)], Text80] = {}
    from_on: DayOrEmpty = ""
    to_on: DayOrEmpty = ""
    store: Annotated[str, Field(max_length=200)] = ""
    agents: Annotated[list[Text80], Field(max_length=500)] = []
    platform: Annotated[str, Field(pattern=r"^(|douyin|tmall|jd|pinduoduo)$")] = ""
    sheet: Annotated[str, Field(max_length=100)] = ""


class FieldOut(Schema):
    """A field that a column can be mapped to."""

    target: str
    name_zh: str
    type_zh: str
    is_needed: bool


class KindOut(Schema):
    """A kind of file."""

    code: str
    name_zh: str
    platform: str
    table: str
    fields: list[FieldOut]


class KindsOut(Schema):
    """Every kind of file that is recognised."""

    items: list[KindOut]


class ColumnOut(Schema):
    """A column of the file and how it was understood."""

    header: str
    target: str
    understood_zh: str
    type_zh: str
    example: str


class BadRowOut(Schema):
    """A row that could not be read, with the reason."""

    row_no: int
    column_zh: str
    reason_zh: str
    value: str


class FilePreviewOut(Schema):
    """What was understood of a file before anything is written. `kind` empty: a person must say what it is."""

    upload_id: int
    file_name: str
    size: int
    form_zh: str
    encoding: str
    kind: str
    kind_zh: str
    guess: str
    score: float
    reason_zh: str
    template_zh: str
    columns: list[ColumnOut]
    unknown: list[str]
    stores: list[str]
    from_on: str
    to_on: str
    row_count: int | None
    notes_zh: list[str]
    sample: list[dict[str, Any]]
    bad_rows: list[BadRowOut]


class ImportIn(Schema):
    """Import an uploaded file, as previewed or corrected. `save_template`: its name, to keep the mapping."""

    upload_id: int
    answers: AnswersIn = AnswersIn()
    save_template: Text80 = ""


class ImportQueuedOut(Schema):
    """The import waits for its turn; progress comes over the live feed as `importing.progress`."""

    upload_id: int


class ImportOut(Schema):
    """One import. `outcome`: done, undone, cancelled, failed; empty while it runs."""

    id: int
    file_name: str
    kind: str
    kind_zh: str
    started_at: datetime
    started_by: str
    outcome: str
    ended_at: datetime | None
    reason: str
    counts: dict[str, Any]


class ImportsOut(Schema):
    """Imports, newest first."""

    items: list[ImportOut]
    next_cursor: int | None


class BadRowsOut(Schema):
    """Rows that could not be read, in file order."""

    items: list[BadRowOut]
    next_cursor: int | None


class ImportUndoIn(Schema):
    """Why an import is undone."""

    reason: Annotated[str, Field(max_length=200)] = ""


class TemplateOut(Schema):
    """A kept mapping."""

    signature: str
    name_zh: str
    kind: str
    mapping: dict[str, str]
    saved_at: datetime
    saved_by: str


class TemplatesOut(Schema):
    """Kept mappings."""

    items: list[TemplateOut]
