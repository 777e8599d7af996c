"""What simulated colleagues answer: the shop's quick-reply skeletons with real order facts. Pure.

Source: domain.md 5.7 (28 intents and their skeletons, sentences of at most 15 characters, nothing promised that
is not a fact of the system), §4.3 of the specification (style).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from miaohui.app.sim.demand import SHANGHAI

# The first rule whose word occurs decides; the order is from special to general.
RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("add_wechat", ("微信", "电话多少")),
    ("rate_cashback", ("返现", "晒图返", "好评返")),
    ("complaint_threat", ("投诉", "12315", "主管", "平台介入", "曝光", "人工", "说法", "差评")),
    ("angry", ("半天不理", "没人吗", "去别家", "这服务", "至于吗", "算了不买")),
    ("content_mismatch", ("视频里", "主播说是", "直播间展示", "虚假宣传", "回放")),
    ("signed_not_received", ("签收了", "谁签收", "没拿到", "没收到货")),
    ("damaged_wrong", ("发错", "少发", "补发", "污渍", "扣子", "开线", "漏发", "破损",
                       "坏了", "少件", "弄丢", "送错", "一打开")),
    ("quality", ("起球了", "掉色", "裂了", "质量", "洗了一次")),
    ("price_protect", ("差价", "保价", "价保", "降价", "降了", "便宜了")),
    ("gift", ("赠品", "送丝巾", "送运动袜", "送几份", "赠送")),
    ("live_price", ("直播间", "小黄车", "主播", "几号链接", "号链接", "福袋", "开播", "福利款")),
    ("freight_insurance", ("运费险", "退货运费", "运费", "邮费")),
    ("refund_when", ("什么时候到账", "退款到", "还不退钱", "退到哪", "退回月付", "退款什么", "退款多久", "到账")),
    ("exchange", ("换货", "换小", "换大", "换一件", "换个码", "能换吗", "不换了")),
    ("return_howto", ("退货", "七天无理由", "吊牌", "怎么退", "上门取件", "想退", "退掉", "售后")),
    ("cancel_order", ("取消", "不想要", "重复下单", "退款", "拍重", "退了")),
    ("change_address", ("地址", "门牌", "改到")),
    ("change_sku", ("拍错", "拍成", "换成", "合并", "改成")),
    ("invoice", ("发票", "抬头", "开票")),
    ("logistics_where", ("到哪", "物流", "派送", "驿站", "取件码", "快递员", "丢件", "运单", "包裹", "收到货", "送货")),
    ("express_company", ("什么快递", "顺丰", "邮政", "圆通", "韵达", "指定", "快递")),
    ("ship_urge", ("没发货", "还不发", "催", "不发", "没动静", "怎么还没")),
    ("ship_when", ("发货", "能发", "几天", "来得及", "什么时候能到", "多久到", "今天发", "哪天发", "提前")),
    ("size_advice", ("码", "身高", "体重", "多高", "斤", "cm", "腰围", "胸围", "尺寸", "袖子", "裙长", "显壮",
                     "勒", "宽松")),
    ("in_stock", ("有货", "补货", "无货", "断码", "还有吗", "现货", "预售", "缺货", "没货")),
    ("price_off", ("便宜", "优惠", "券", "满减", "包邮", "少十块", "新人", "打折", "活动")),
    ("product_info", ("面料", "纯棉", "缩水", "加绒", "透不透", "颜色", "充绒", "味道", "拉链", "扎不扎", "机洗",
                      "口袋", "静电", "显白", "厚", "薄", "正品", "色差")),
    ("return_howto", ("退", "换", "纠纷", "取件", "寄回", "拒收")),
    ("price_off", ("价", "免邮", "会员", "积分")),
    ("logistics_where", ("送", "签收", "站", "单号", "收到", "没到", "到了", "到货")),
    ("ship_when", ("多久", "什么时候", "几点", "发", "寄", "最快", "尽快", "加急")),
    ("change_address", ("修改", "改", "备注", "收货人")),
    ("cancel_order", ("拦截", "下错", "下单", "订单")),
    ("in_stock", ("货",)),
    ("invoice", ("开", "抬头", "票")),
    ("damaged_wrong", ("少了", "坏", "错", "烂")),
    ("thanks", ("谢谢", "好的", "ok", "OK", "好滴", "明白", "知道了", "麻烦了", "辛苦", "👍", "行，")),
    ("greeting", ("在吗", "你好", "您好", "在不", "有人吗", "hello", "客服在")),
    ("waiting", ("？", "人呢", "怎么不回", "还在吗", "半天")),
)  # fmt: skip
# Skeletons; `{…}` is a fact. A variant whose facts are not all known is not used.
SKELETONS: Mapping[str, tuple[str, ...]] = {
    "ship_when": ("这单承诺{ship_due}前发|发出后单号自动同步 📦", "发货时间看订单页|发出后单号自动同步 📦"),
    "ship_urge": (
        "抱歉让您久等了|这单承诺{ship_due}前发|我现在帮您催仓库 📦",
        "抱歉让您久等了|我现在帮您催仓库",
    ),
    "logistics_where": (
        "包裹在{last_node}|{carrier}运送中 🚚",
        "{carrier} {tracking_no}|我帮您跟进物流 🚚",
        "我帮您查一下物流 🚚|麻烦发下订单号哦",
    ),
    "signed_not_received": ("先看驿站和门卫哦|没有的话我查底单",),
    "size_advice": ("麻烦发身高体重|平时穿什么码呢 📏", "这款是正常码|按平时的码拍就好 📏|喜宽可以拍大一码"),
    "product_info": ("面料是{material}|详情页有检测图 👗", "详情页有实拍和成分|您看下尺码表旁边哦 👗"),
    "in_stock": ("能下单就是有货哦|以下单页为准 ✅",),
    "price_off": ("优惠以下单页为准|领券入口在商品页 🎫", "多件看下满减活动|券在商品页领取 🎫"),
    "live_price": ("主播正在讲解哦|价格以链接页为准 🔴", "到手价看小黄车链接|有券记得先领 🎫"),
    "gift": ("赠品看商品页说明|送完为止哦 🎁", "我核对下您的订单|有赠品会一起寄出 🎁"),
    "price_protect": ("我看下您的订单|符合价保就帮您申请",),
    "freight_insurance": (
        "这单{insurance}运费险|退货成功后自动赔付",
        "运费险看订单页标识|退货成功后自动赔付",
    ),
    "express_company": ("这单走的{carrier} 🚚", "默认合作快递发出|备注我帮您登记 🚚"),
    "change_address": ("未发货可在订单改|改不了我帮您登记", "这单已发出{carrier}|我联系快递试下改派"),
    "change_sku": ("还没发货可退款重拍|我帮您看下状态",),
    "cancel_order": ("没发货可直接退款|点订单里的申请退款",),
    "refund_when": ("退款会原路退回|到账看订单退款进度 💰",),
    "return_howto": ("订单里点申请售后|保持吊牌完好哦|填上退货单号就行",),
    "exchange": ("点申请选换货|收到后给您换发",),
    "damaged_wrong": ("实在抱歉 🙏|麻烦拍下面单和商品|马上给您方案",),
    "quality": ("实在抱歉 🙏|我来帮您处理|退换补您选一种",),
    "invoice": ("订单页可申请电子票|开好会发到您邮箱",),
    "content_mismatch": ("您看的是第几分钟？|我核对录屏后答复 🎬",),
    "complaint_threat": ("您的问题我已升级|专员马上联系您 🙏",),
    "angry": ("抱歉让您久等了 🙏|我在的，马上处理",),
    "add_wechat": ("平台内沟通更有保障|有问题随时在这找我",),
    "rate_cashback": ("平台不允许返现评价|使用感受如实写就好",),
    "thanks": ("不客气～|有需要随时找我 😊", "好的亲，祝您开心 😊", "应该的～"),
    "greeting": ("在的亲，您请说 😊", "您好，很高兴为您服务"),
    "waiting": ("在的，抱歉久等了 🙏", "在的在的，马上看"),
    "other": ("我看一下哦，稍等 🙏", "方便发下订单或商品吗|我帮您核对", "好的，我帮您确认下"),
}
OPENING = "您好～"


@dataclass(frozen=True)
class Facts:
    """What the desk shows about the buyer's newest order, as plain texts; '' where unknown."""

    ship_due: str = ""
    last_node: str = ""
    carrier: str = ""
    tracking_no: str = ""
    insurance: str = ""
    material: str = ""

    def known(self) -> dict[str, str]:
        """Return the facts that are known."""
        return {name: value for name, value in self.__dict__.items() if value}


def intent_of(text: str) -> str:
    """Return what a buyer's line is about, by its words."""
    folded = text.lower()
    for intent, words in RULES:
        if any(word.lower() in folded for word in words):
            return intent
    return "other"


def answer(text: str, facts: Facts, rng: Random, *, is_first: bool = False) -> list[str]:
    """Return the sentences of an answer, each at most 15 characters long without marks and emoji."""
    variants = SKELETONS[intent_of(text)]
    known = facts.known()
    usable = [variant for variant in variants if _is_filled(variant, known)]
    with_facts = [variant for variant in usable if "{" in variant]
    chosen = rng.choice(with_facts or usable)
    sentences = chosen.format(**known).split("|")
    is_greeting = sentences[0][:2] in ("您好", "在的")
    if is_first and not is_greeting and len(sentences[0]) <= 11:
        return [OPENING + sentences[0], *sentences[1:]]
    return sentences


def _is_filled(variant: str, known: Mapping[str, str]) -> bool:
    wanted = [part.split("}")[0] for part in variant.split("{")[1:]]
    return all(name in known for name in wanted)


def facts_from_order(order: Mapping[str, Any] | None, materials: Mapping[str, str]) -> Facts:
    """Return what an order of the API says, shortened to what fits into a sentence.

    Shape: `order` as `GET /api/orders/{id}` shows it; `materials`: product id → what it is made of.
    """
    if order is None:
        return Facts()
    parcels = order.get("parcels") or [{}]
    nodes = parcels[0].get("nodes") or []
    product_ids = [str(item.get("product_id")) for item in order.get("items", [])]
    material = next((materials[one] for one in product_ids if one in materials), "")
    insurance = order.get("insurance_fen")
    return Facts(
        ship_due=_day_and_hour(order.get("ship_due_at")) if _is_unshipped(order) else "",
        last_node=str(nodes[0].get("site", ""))[:9] if nodes else "",
        carrier=str(parcels[0].get("carrier_name") or "")[:5],
        tracking_no=str(parcels[0].get("tracking_no") or ""),
        insurance="" if insurance is None else ("有" if insurance else "没有"),
        material=material[:12],
    )


def _is_unshipped(order: Mapping[str, Any]) -> bool:
    return order.get("status") in ("paid", "to_ship", "partly_shipped")


def _day_and_hour(text: Any) -> str:
    """Return '24日18点' for a time, local."""
    if not isinstance(text, str):
        return ""
    at = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(SHANGHAI)
    return f"{at.day}日{at.hour}点"


COMPOSE_MEAN_S, COMPOSE_SIGMA = 18.0, 0.55


def compose_s(rng: Random, sentences: list[str]) -> float:
    """Return how long a person takes to compose an answer: log-normal with a mean of 18 s (domain.md 5.3); quick
    words such as 在的 take less."""
    if sum(map(len, sentences)) <= 12:
        return max(2.0, rng.lognormvariate(1.6, 0.4))
    mu = 2.7387  # ln 18 − 0.55² / 2: the mean of the log-normal, not its median, is 18 s
    return min(90.0, max(4.0, rng.lognormvariate(mu, COMPOSE_SIGMA)))
