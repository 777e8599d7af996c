"""Build `src/miaohui/app/sim/data/buyer_lines.tsv.gz` from the Apache-2.0 part of JDDC.

    python tools/sim_lines.py /path/to/shared/data/nlp

Keeps short customer lines whose intent also occurs in a clothing shop, without numbers that could be a phone or
an order, without other trades' goods and other platforms' words; maps the intents to ours. Same input, same output.
"""

from __future__ import annotations

import csv
import gzip
import random
import re
import sys
from collections import defaultdict
from pathlib import Path

TARGET = Path(__file__).parent.parent / "src/miaohui/app/sim/data/buyer_lines.tsv.gz"
PER_INTENT = 330
TOPICS = {
    "return_exchange": "return_howto", "ship_time": "ship_when", "order_modify": "change_address",
    "coupon_promo": "price_off", "price_protect": "price_protect",
    "invoice": "invoice", "logistics_track": "logistics_where", "order_cancel": "cancel_order",
    "wrong_missing_damaged": "damaged_wrong", "ship_method": "express_company", "refund_apply": "return_howto",
    "refund_progress": "refund_when", "stock": "in_stock", "freight": "freight_insurance",
}  # fmt: skip
OTHER_TRADES = re.compile(
    "京东|京豆|白条|东哥|自营|第三方|入驻|招聘|冰箱|洗衣|电视|空调|手机|电脑|笔记本|显卡|摄像|流量|套餐|主板|内存|硬盘|热水"
    "|油烟|燃气|灶|轮胎|机油|汽车|车|电池|充电|耳机|路由|净水|滤芯|奶粉|尿|酒|米|油|牛奶|水果|图书|书|本|茶|锁|饮|食|糖|饼"
    "|瓶|洗发|洗衣液|纸巾|面膜|口红|香水|电影|会员|E卡|礼品卡|礼盒|家电|屏幕|开机|系统|序列号|软件|安装|师傅|维修|保修"
    "|三包|门铃|插座|猫|狗|回收|发动|遥控|驱动|电机|马达|风扇|音箱|话费|充值|机票|酒店|彩票|游戏|点卡|夺宝|拍拍|闪付|微信"
    "|银行|信用卡|支票|余额|密码|花呗|网银|配件|耗材|墨|硒鼓|打印|锅|煲|刀|烤|榨|豆浆|加湿|吸尘|剃须|吹风|电|相机|镜头"
    "|平板|键盘|鼠标|U盘|抽奖|绑定|账号|账户|登录|注册|实名|认证|客户端|试用|企业|对公|专票|增值税|税|公司|单位|身份证"
    "|检测|自提|次日达|送达站|配送站|调货|仓|采购|邮箱|短信|顾客|后台|上架|新品|审核|商家|厂家|工单|纠纷单|回收站|沙发|床"
    "|桌|椅|柜|灯|马桶|卫浴|水龙头|地板|药|医|眼镜|手表|戒指|黄金|珠宝|玩具|童车|轮椅|健身|跑步机|鱼竿|帐篷|吨|千克|升"
    "|[eE]卡|加急券|京准|林内|花[撒洒]|牙刷|机器人|箱|客户|发出是|徽章|胸章|安卓|苹果|华为|小米|西门子|美的|海尔|格力|三星|联想|佳能|耐克"
    "|转账|货到付款|小时达|限时|上楼|楼上|二手|样品|批发|代理|供应|开店|店铺装修|物业|学校|医院|宾馆|移动|联通|电信|宽带"
)
PERSONAL = re.compile("[省市县镇乡村区]|街道|大道|小区|号楼|单元|姓|操|妈的|他妈|傻|垃圾|骗子|滚")
LATIN_OR_NUMBER = re.compile(r"\d{4,}|[A-Za-z]{2,}|[#\[\]【】<>&@*]|http")
BROKEN = re.compile(r"^[，,。.、？?！!]|[，,、]$|。。|(.)\1\1")
CONTINUES = re.compile(
    r"^(那|哦|嗯|噢|可是|但是|但|而且|因为|所以|然后|不是|对|就是|也|还有|我说|我问|如果|要是|只|都|没|好|行|已|刚|他|她|它|这样|一|是的|不)"
)
SHORTEST, LONGEST = 5, 26


def lines(folder: Path) -> dict[str, list[str]]:
    """Return topic → lines that are fit to be shown."""
    with (folder / "jd_intent_map.csv").open(encoding="utf-8") as file:
        intents = {row["jd_intent"]: row["intent"] for row in csv.DictReader(file)}
    found: dict[str, list[str]] = defaultdict(list)
    seen: set[str] = set()
    with gzip.open(folder / "jddc_intents.tsv.gz", "rt", encoding="utf-8") as file:
        next(file)
        for row in file:
            text, _, label = row.rstrip("\n").partition("\t")
            text = text.strip()
            topic = TOPICS.get(intents.get(label, ""))
            if topic and text not in seen and is_fit(text):
                seen.add(text)
                found[topic].append(text)
    return found


def is_fit(text: str) -> bool:
    """Tell whether a line may stand in a clothing shop's demo."""
    if not SHORTEST <= len(text) <= LONGEST:
        return False
    return not any(words.search(text) for words in (OTHER_TRADES, LATIN_OR_NUMBER, BROKEN, PERSONAL))


def main() -> None:
    """Write the file."""
    chance = random.Random(2026)
    rows = []
    for topic, texts in sorted(lines(Path(sys.argv[1])).items()):
        kept = sorted(chance.sample(texts, min(PER_INTENT, len(texts))))
        rows += [f"{topic}\t{'more' if CONTINUES.match(text) else 'open'}\t{text}\n" for text in kept]
    with TARGET.open("wb") as out, gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as packed:
        packed.write("".join(rows).encode())
    print(f"{len(rows)} lines, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
