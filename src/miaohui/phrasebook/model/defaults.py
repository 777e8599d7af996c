"""The quick replies that every shop begins with: the 28 most frequent questions and two firm refusals.

Source: spec §3.2; the wording is domain.md §5.7 (at most 15 characters a sentence, facts as variables, no promise
that the system does not know). ` / ` parts bubbles.
"""

from __future__ import annotations

_ROWS = (
    ("ship_when", "orders", "什么时候发货", "这单承诺{承诺发货时间}前发 / 发出后单号自动同步 📦"),
    ("ship_urge", "orders", "催发货", "抱歉让您久等了 / 我现在帮您催仓库 / {答复时间}前给您答复"),
    ("where", "orders", "物流到哪了", "包裹在{最新物流} / 预计{预计送达}送达 🚚"),
    ("stuck", "orders", "物流不动", "物流已停{天数}天 / 我去联系快递核实 / {答复时间}前回您"),
    ("not_received", "orders", "签收没收到", "先看驿站和门卫哦 / 没有的话我查底单"),
    ("size", "pre_sale", "尺码推荐", "麻烦发身高体重 / 平时穿什么码呢 / 建议{尺码}，喜宽拍大"),
    ("info", "pre_sale", "材质与功能", "面料是{材质} / 详情页有检测图"),
    ("effect", "pre_sale", "有没有效果", "这款是{类目}商品 / 不具治疗功效哦"),
    ("stock", "pre_sale", "有货吗", "{规格}现在有货 / 以下单页为准哦"),
    ("price", "pre_sale", "能便宜吗", "现价已含{优惠} / 领券入口发您 🎫"),
    ("live_price", "live", "直播间价格", "主播正在讲{链接号}号链接 / 到手价{价格}元"),
    ("gift", "live", "赠品", "本场下单送{赠品} / 送完为止看页面"),
    ("protect", "after_sale", "价保补差", "我看下您的订单 / 符合价保就帮您申请"),
    ("freight", "pre_sale", "包邮吗", "这款{省份}包邮 / 偏远地区看结算页"),
    ("insurance", "pre_sale", "运费险", "这单{有无}运费险 / 退货成功72小时内赔付"),
    ("express", "pre_sale", "发什么快递", "默认{快递} / 备注我帮您登记"),
    ("address", "orders", "改地址", "未发货可在订单改 / 改不了我帮您登记"),
    ("sku", "orders", "拍错规格", "还没发货可退款重拍 / 我帮您看状态"),
    ("cancel", "orders", "不想要了", "没发货可直接退款 / 极速退款到账快"),
    ("refund", "after_sale", "退款多久到", "已同意退款 / 一般{天数}天内原路退"),
    ("return", "after_sale", "怎么退货", "申请后填退货单号 / 保持吊牌完好哦"),
    ("seven_days", "after_sale", "七天无理由", "签收次日起7天内 / 商品完好就可以退"),
    ("exchange", "after_sale", "换尺码", "点申请选换货 / 收到后给您换发"),
    ("damaged", "after_sale", "破损错发少件", "实在抱歉🙏 / 麻烦拍下面单和商品 / 马上给您方案"),
    ("quality", "after_sale", "质量问题", "我来帮您处理 / 三种方案您选：退/换/补"),
    ("invoice", "orders", "开发票", "订单页可申请电子票 / 最晚10日内开出"),
    ("mismatch", "video", "和视频不一样", "您看的是第几分钟？ / 我核对录屏后答复"),
    ("complaint", "after_sale", "投诉升级", "您的问题我已升级 / 专员{分钟}分钟内联系"),
    ("stay_here", "returning", "要加微信", "平台内沟通更有保障 / 有问题随时在这找我"),
    ("no_cashback", "after_sale", "好评返现", "平台不允许返现评价 / 使用感受如实写就好"),
)

DEFAULT_REPLIES = tuple(
    {"title": title, "text": text, "scene": scene, "shortcut": shortcut}
    for shortcut, scene, title, text in _ROWS
)
