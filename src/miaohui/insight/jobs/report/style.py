"""The page's style: one palette for screen and paper, Chinese type, no outside resources."""

# ruff: noqa: E501
STYLE = """
:root{--ink:#16213a;--soft:#6b7489;--line:#e3e6ee;--main:#2f5fd0;--good:#138a5e;--bad:#d9432f;--warn:#d98e04;
--empty:#f4f5f9;--paper:#fff;--wash:#f6f7fb;--serif:"Noto Serif CJK SC","Songti SC","SimSun",serif;
--sans:"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",system-ui,sans-serif}
*{box-sizing:border-box}
html{-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{margin:0;background:var(--wash);color:var(--ink);font:14px/1.65 var(--sans);font-variant-numeric:tabular-nums}
a{color:inherit;text-decoration:none;border-bottom:1px dotted var(--soft)}a:hover{color:var(--main);border-color:var(--main)}
main{max-width:1120px;margin:0 auto;padding:0 28px 60px}
header.cover{background:var(--ink);color:#fff;padding:34px 0 30px;margin-bottom:-34px}
header.cover>div{max-width:1120px;margin:0 auto;padding:0 28px 34px;display:flex;justify-content:space-between;align-items:flex-end;gap:24px}
header.cover h1{font:700 31px/1.25 var(--serif);margin:4px 0 8px;letter-spacing:.02em}
header.cover .eyebrow{font-size:12.5px;letter-spacing:.18em;color:#aab6d6}
header.cover .meta{font-size:12.5px;color:#c3cce4;text-align:right;line-height:1.8}
section{background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:24px 26px;margin:18px 0}
h2{font:700 19px/1.3 var(--serif);margin:0 0 4px;display:flex;align-items:baseline;gap:10px}
h2 .no{font:600 12px/1 var(--sans);color:var(--main);letter-spacing:.08em}
h3{font:600 13.5px/1.4 var(--sans);margin:18px 0 8px}
.lead{color:var(--soft);font-size:12.5px;margin:0 0 16px}
.say{font:500 16.5px/1.95 var(--serif);margin:10px 0 20px;text-align:justify}
.cards{display:grid;grid-template-columns:repeat(5,1fr);gap:12px}
.card{border:1px solid var(--line);border-radius:10px;padding:13px 14px 10px;border-top:3px solid var(--line);min-width:0}
.card.good{border-top-color:var(--good)}.card.bad{border-top-color:var(--bad)}.card.near{border-top-color:var(--warn)}
.card .name{font-size:12.5px;color:var(--soft)}.card .value{font:700 25px/1.3 var(--sans);letter-spacing:-.01em}
.card .value a{border:0}.card .small{font-size:11.5px;color:var(--soft);line-height:1.55}
.card.grey .value{color:#9aa2b5}.card .chart{margin:4px 0 0;width:100%}
.actions{display:grid;grid-template-columns:repeat(3,1fr);gap:14px}
.action{background:var(--wash);border-radius:10px;padding:16px 18px;position:relative}
.action b.n{font:700 30px/1 var(--serif);color:var(--main);position:absolute;right:16px;top:14px;opacity:.85}
.action .t{font-weight:700;font-size:14.5px;padding-right:34px}.action .m{color:var(--bad);font-weight:700;margin:4px 0}
.action p{margin:6px 0 0;font-size:12.8px}.action .who{font-size:11.5px;color:var(--soft)}
.two{display:grid;grid-template-columns:1fr 1fr;gap:26px;align-items:start}.two>div{min-width:0}
table{border-collapse:collapse;width:100%;font-size:12.6px}
th{font-weight:600;color:var(--soft);text-align:right;padding:6px 8px;border-bottom:1.5px solid var(--ink);white-space:nowrap}
td{text-align:right;padding:6.5px 8px;border-bottom:1px solid var(--line);vertical-align:top}
th.l,td.l{text-align:left}td{white-space:nowrap}td.w,td .note{white-space:normal}td.w{min-width:64px}tr.grey td{color:#9aa2b5}
tbody tr:hover{background:#fafbfe}
.tag{display:inline-block;font-size:11px;line-height:1;padding:4px 7px;border-radius:20px;background:var(--wash);color:var(--soft);white-space:nowrap}
.tag.good{background:#e3f4ed;color:var(--good)}.tag.bad{background:#fdebe8;color:var(--bad)}.tag.near{background:#fdf3dd;color:#9a6700}
.chart{display:block;max-width:100%;height:auto;font-family:var(--sans)}
.note{font-size:12px;color:var(--soft);margin:10px 0 0}
.warn{background:#fdf6e6;border-left:3px solid var(--warn);padding:9px 14px;font-size:12.8px;margin:12px 0 0;border-radius:0 6px 6px 0}
.finding{display:grid;grid-template-columns:1fr 172px;gap:4px 22px;padding:14px 0;border-bottom:1px solid var(--line);break-inside:avoid}
.finding:last-child{border:0}.finding .t{font-weight:700}.finding .money{text-align:right;font-weight:700;font-size:16px}
.finding .how{text-align:right;font-size:11.3px;color:var(--soft);line-height:1.5}.finding p{margin:3px 0 0}
.finding .do{color:var(--main)}
details{border-bottom:1px solid var(--line);padding:8px 0}summary{cursor:pointer;font-weight:600;font-size:13px}
details:target{background:#fffbe9}details table{font-size:11.6px;margin:8px 0}
footer{font-size:11.5px;color:var(--soft);padding:6px 4px}
.legend span{margin-right:14px;font-size:12px;color:var(--soft)}.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:5px}
@media screen and (max-width:860px){.cards{grid-template-columns:repeat(2,1fr)}.two,.actions{grid-template-columns:1fr}.finding{grid-template-columns:1fr}
.finding .money,.finding .how{text-align:left}section{overflow-x:auto;padding:18px}main{padding:0 12px 40px}header.cover>div{flex-direction:column;align-items:flex-start}header.cover .meta{text-align:left}}
@page{size:A4;margin:13mm 12mm 14mm}
@media print{body{background:#fff;font-size:10.4px;line-height:1.5}main{padding:0;max-width:none}
header.cover{border-radius:8px;padding:18px 0 14px;margin:0 0 10px}header.cover>div{padding:0 20px}header.cover h1{font-size:23px}
section{border:0;border-top:1px solid var(--line);border-radius:0;padding:12px 0 4px;margin:6px 0}
h2{font-size:15px;break-after:avoid}h3{font-size:11px;margin:10px 0 4px;break-after:avoid}.lead,.note{font-size:9.2px;margin-bottom:8px}.lead{break-after:avoid}
.say{font-size:12.4px;line-height:1.8;margin-bottom:12px}.card{padding:8px 9px;break-inside:avoid}.card .value{font-size:17px}.card .small,.card .name{font-size:8.6px}
.actions{gap:9px}.action{padding:10px 12px;break-inside:avoid}.action .t{font-size:11.2px}.action p{font-size:9.6px}.action b.n{font-size:21px}
table{font-size:9px}td,th{padding:3.4px 5px}tr{break-inside:avoid}.two{gap:16px}.chart{break-inside:avoid}
.finding{padding:7px 0;grid-template-columns:1fr 130px}.finding .money{font-size:12px}.finding .how,.tag{font-size:8.4px}
.warn{font-size:9.4px;padding:6px 10px}.screen{display:none!important}a{border:0}
details{padding:3px 0;break-inside:avoid}summary{list-style:none;font-size:9.6px}details table{font-size:7.8px}td.w{min-width:90px}
.break{break-before:page}}
"""
