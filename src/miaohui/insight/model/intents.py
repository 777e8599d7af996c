"""What a consultation is about: the first telling words of the buyer, as data. Source: domain.md §5.7 (28 intents).

A keyword table is enough here: diagnosis needs shares over thousands of sessions, not the understanding of one.
"""

# ruff: noqa: E501
from __future__ import annotations

import re
from collections.abc import Iterable

OTHER = "other"
NAMES_ZH: dict[str, str] = {
    "ship_when": "什么时候发货", "ship_urge": "催发货", "logistics_where": "查物流", "logistics_stuck": "物流不动",
    "signed_not_received": "签收未收到", "size_advice": "尺码推荐", "product_info": "商品信息", "effect_claim": "功效",
    "in_stock": "有没有货", "price_off": "议价优惠", "coupon": "优惠券疑问", "live_price": "直播间价格", "gift": "赠品",
    "price_protect": "价保补差", "freight_fee": "运费包邮", "freight_insurance": "运费险", "express_company": "发什么快递",
    "change_address": "改地址", "change_sku": "改规格", "cancel_order": "取消订单", "refund_when": "退款进度",
    "return_howto": "怎么退货", "no_reason_7d": "七天无理由", "exchange": "换货", "damaged_wrong": "破损错发", "quality": "质量问题",
    "invoice": "发票", "content_mismatch": "与直播不符", "complaint_threat": "投诉威胁", OTHER: "其他",
}  # fmt: skip
# In order: the first that matches wins, so the specific stands before the general.
_TABLE: tuple[tuple[str, str], ...] = (
    ("complaint_threat", r"投诉|12315|315|消协|工商|曝光|媒体|差评(?!返)|举报"),
    ("content_mismatch", r"(?:直播|视频|主播).{0,12}(?:不一样|不符|不是这|收到.{0,4}没有|没有(?!链接|货))|(?:跟|和|与).{0,6}(?:直播|视频|图片|描述).{0,6}(?:不一样|不符)"),
    ("invoice", r"发票|开票|抬头|税号"),
    ("freight_insurance", r"运费险"),
    ("freight_fee", r"包邮|邮费|运费|邮资|免邮"),
    ("signed_not_received", r"(?:显示|已).{0,3}签收.{0,8}(?:没|未)|没收到.{0,6}签收"),
    ("refund_when", r"退款.{0,6}(?:多久|什么时候|到账|没到|几天)|钱.{0,5}(?:没退|到账)"),
    ("logistics_stuck", r"物流.{0,8}(?:不动|没动|没更新|卡)|快递.{0,6}(?:不动|没动|没更新)"),
    ("logistics_where", r"到哪|物流|快递单号|几天(?:能)?到|什么时候(?:能)?到|多久(?:能)?到"),
    ("ship_urge", r"(?:怎么|为什么|咋|还).{0,4}(?:不|没|未)发|催.{0,3}发|快点发|赶紧发|发货太慢"),
    ("ship_when", r"(?:什么时候|啥时候|多久|几天|几时|何时|今天|明天).{0,5}发"),
    ("price_protect", r"价保|保价|降价了|补差|差价|买贵"),
    ("coupon", r"(?:券|满减|红包|优惠).{0,8}(?:用不了|不能用|没有用|没减|怎么用|领不|失效|叠加|看不到|在哪)|怎么没(?:优惠|减)"),
    ("live_price", r"(?:直播|主播).{0,10}(?:价|多少钱|链接|号)|几号链接"),
    ("price_off", r"便宜|优惠|打折|折扣|少点|最低|活动价|券"),
    ("gift", r"赠品|送什么|送不送|礼物|小样"),
    ("damaged_wrong", r"破|碎|坏了|错发|发错|少发|漏发|少件|漏件|缺了"),
    ("quality", r"质量|掉色|起球|开线|线头|异味|有味|褪色|缩水|勾丝"),
    ("exchange", r"换(?:货|个|一|码|尺|大|小)|能换"),
    ("no_reason_7d", r"七天|7天|无理由"),
    ("return_howto", r"退货|退款|怎么退|能退|想退|退了"),
    ("cancel_order", r"取消订单|不想要|不要了|取消"),
    ("change_address", r"改.{0,3}地址|地址.{0,4}(?:错|改|换)"),
    ("change_sku", r"拍错|改.{0,3}(?:颜色|尺码|规格|款)"),
    ("size_advice", r"尺码|多大|什么码|穿.{0,3}码|身高|体重|斤|偏大|偏小|几码|[sSmMlLxX]{1,3}码"),
    ("in_stock", r"有货|现货|缺货|还有吗|补货|断货"),
    ("express_company", r"什么快递|哪个快递|发.{0,2}(?:顺丰|中通|圆通|韵达|邮政)"),
    ("effect_claim", r"有效果|管用|有没有用|功效|治"),
    ("product_info", r"材质|面料|什么料|厚|薄|透|颜色|色差|成分|尺寸|怎么洗|产地|正品|好看|能不能|可以.{0,4}吗"),
)  # fmt: skip
_COMPILED = tuple((code, re.compile(pattern)) for code, pattern in _TABLE)
_ANY = re.compile("|".join(f"(?:{pattern})" for _, pattern in _TABLE))
# Consultations that may end in an order: what 询单 means (domain.md §2.5).
PRE_SALE = frozenset({
    "size_advice", "product_info", "effect_claim", "in_stock", "price_off", "coupon", "live_price", "gift",
    "freight_fee", "freight_insurance", "express_company", "ship_when", "no_reason_7d",
})  # fmt: skip
AFTER_SALE = frozenset({
    "refund_when", "return_howto", "exchange", "damaged_wrong", "quality", "signed_not_received", "content_mismatch",
    "complaint_threat", "price_protect",
})  # fmt: skip


def intent_of(texts: Iterable[str]) -> str:
    """Return the intent of a session from its buyer's first texts: the first text that says anything decides."""
    for text in texts:
        if _ANY.search(text):
            for code, pattern in _COMPILED:
                if pattern.search(text):
                    return code
    return OTHER
