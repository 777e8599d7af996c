"""What can be wrong with a file, said so that the person knows what to do next."""

from miaohui.kit.errors import RefusalKind

EMPTY = RefusalKind(
    "importing.empty_file",
    422,
    "这个文件是空的（没有表头或没有数据行）。请回到后台重新导出，导出完成后再下载",
    "The file is empty: export it again and wait until the export is finished",
)
PASSWORD = RefusalKind(
    "importing.password",
    422,
    "这个文件设了打开密码。请用 Excel/WPS 打开，另存为不带密码的 xlsx 或 csv 后再导入",
    "The file is password-protected: save it without a password first",
)
TRUNCATED = RefusalKind(
    "importing.truncated",
    422,
    "这个文件没有下载完整（结尾缺失）。请重新下载，核对文件大小后再导入",
    "The file is cut off: download it again",
)
NOT_A_TABLE = RefusalKind(
    "importing.not_a_table",
    422,
    "读不出表格或聊天记录。支持 csv、xlsx、xls、网页表格和纯文本聊天记录；图片、PDF 和压缩包请先换成这些格式",
    "Not a table or chat record: csv, xlsx, xls, html tables and plain chat text can be read",
)
TOO_LARGE = RefusalKind(
    "importing.workbook_too_large",
    413,
    "Excel 文件过大，无法一次读入内存。请在后台改为导出 csv，或按月份分开导出",
    "The workbook is too large to be read at once: export csv, or month by month",
)
ASK = RefusalKind(
    "importing.ask",
    409,
    "认不准这是哪一种文件，为免导错没有写入。请在预览页选择文件种类、对应列名（会存成模板，下次自动认出）",
    "Not sure which kind of file this is, so nothing was written: choose its kind and columns",
)
TWO_SHOPS = RefusalKind(
    "importing.two_shops",
    409,
    "文件里有不止一家店铺的数据，为免混在一起没有写入。请选择要导入哪一家（命令行用 --store 店名）",
    "The file holds several shops, so nothing was written: choose one",
)
NEEDS_PERIOD = RefusalKind(
    "importing.needs_period",
    409,
    "文件里和文件名里都没有日期。请在预览页填写统计日期（命令行用 --from 2026-11-16 --to 2026-11-22）",
    "Neither the file nor its name has a date: give the period",
)
ALREADY = RefusalKind(
    "importing.already_imported",
    409,
    "同一个文件已经导入过，没有重复计数。如需重来，请先撤销那次导入",
    "This very file was imported before: nothing was counted twice. Undo that import first to repeat it",
)
NOTHING = RefusalKind(
    "importing.nothing_to_import",
    422,
    "没有一行可以导入，全部有误；请看每一行的原因，没有写入任何数据",
    "Not a single row could be imported: see the reasons. Nothing was written",
)
NOT_UNDOABLE = RefusalKind(
    "importing.not_undoable",
    409,
    "这次导入没有完成或已经撤销，不能再撤销",
    "This import is not finished or was undone already",
)
BAD_MAPPING = RefusalKind(
    "importing.bad_mapping",
    422,
    "列对应关系不完整或有误，请按提示补上必需的列",
    "The mapping of columns is not complete: see the detail",
)
CANCELLED = RefusalKind(
    "importing.cancelled", 409, "导入已取消，已写入的部分已全部撤回", "Cancelled: everything written was taken back"
)  # fmt: skip
BUSY = RefusalKind(
    "importing.busy", 409, "这个文件正在导入中，请等它完成", "This file is being imported right now"
)  # fmt: skip
