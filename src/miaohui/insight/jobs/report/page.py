"""The report as one self-contained page: no scripts from elsewhere, no fonts from elsewhere, prints well."""

# ruff: noqa: E501
from __future__ import annotations

from html import escape

from miaohui.insight.jobs.report import detail, top
from miaohui.insight.jobs.report.style import STYLE
from miaohui.insight.queries.report import ReportData

# Opens the list that a link points at (a closed <details> would hide it), and opens all of them for printing.
_SCRIPT = (
    "function o(){var d=document.getElementById(decodeURIComponent(location.hash.slice(1)));if(d&&d.tagName==='DETAILS'){d.open=true;d.scrollIntoView()}}"
    "addEventListener('hashchange',o);o();"
    "addEventListener('beforeprint',function(){document.querySelectorAll('details').forEach(function(d){d.open=true})});"
)


def page(data: ReportData) -> str:
    """Return the whole page as HTML text."""
    known = set(data.evidence)
    parts = [
        top.monday(data, known), top.five(data, known), top.platform(data, known), top.response(data, known),
        top.penalties(data, known), detail.people(data, known), detail.funnel(data, known), detail.aftersales(data, known),
        detail.diagnosis(data, known), detail.worth(data, known), detail.sources(data), detail.evidence(data),
    ]  # fmt: skip
    title = f"{data.shop_name} 客服经营周报 {data.from_on} 至 {data.to_on}"
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{top.cover(data)}<main>{''.join(parts)}"
        "<footer>由秒回 Miaohui 生成。金额为估算，口径与样本写在每个数字旁；不奖励改评价，只看问题是否在规则内解决。</footer>"
        f"</main><script>{_SCRIPT}</script></body></html>"
    )
