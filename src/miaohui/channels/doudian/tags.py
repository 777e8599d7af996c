"""The table of push tags. Source: channels.md §1.3 (39 tags of the Go message package, and 112)."""

from __future__ import annotations

from dataclasses import dataclass

from miaohui.channels.model import Kind


@dataclass(frozen=True)
class Tag:
    """What a tag means. `name` is the platform's, `topic` ours (stable, for rules and reports)."""

    name: str
    kind: Kind
    topic: str
    zh: str


TAGS: dict[str, Tag] = {
    "100": Tag("TradeCreate", Kind.ORDER, "created", "订单创建"),
    "101": Tag("TradePaid", Kind.ORDER, "paid", "订单支付确认"),
    "102": Tag("TradeSellerShip", Kind.ORDER, "shipped", "卖家发货"),
    "103": Tag("TradeSuccess", Kind.ORDER, "completed", "交易完成"),
    "104": Tag("TradeLogisticsChanged", Kind.ORDER, "logistics_changed", "发货物流信息变更"),
    "105": Tag("TradeAddressChanged", Kind.ORDER, "address_changed", "买家收货信息变更"),
    "106": Tag("TradeCanceled", Kind.ORDER, "cancelled", "订单取消"),
    "108": Tag("TradePartlySellerShip", Kind.ORDER, "partly_shipped", "卖家部分发货"),
    "109": Tag("TradeAmountChanged", Kind.ORDER, "amount_changed", "订单金额修改"),
    "110": Tag("TradePending", Kind.ORDER, "pending", "订单已支付待处理"),
    "111": Tag("TradeAddressChangeApplied", Kind.ORDER, "address_change_applied", "买家收货信息变更申请"),
    "112": Tag("TradeAppointment", Kind.ORDER, "appointment", "预约发货"),
    "113": Tag("TradeMemoModify", Kind.ORDER, "memo_changed", "卖家修改备注与星标"),
    "126": Tag("OrderExpShipTimeChange", Kind.ORDER, "ship_due_changed", "订单发货时效变更"),
    "137": Tag("ShopMaterialAudit", Kind.PRODUCT, "shop_material_audited", "店铺素材审核结果"),
    "138": Tag("SupplierMaterialAudit", Kind.PRODUCT, "supplier_material_audited", "供应商素材审核结果"),
    "200": Tag("RefundCreated", Kind.AFTERSALE, "applied", "买家发起售后申请"),
    "201": Tag("RefundAgreed", Kind.AFTERSALE, "refund_agreed", "同意退款"),
    "202": Tag("ReturnApplyAgreed", Kind.AFTERSALE, "return_agreed", "同意退货申请"),
    "203": Tag("BuyerReturnGoods", Kind.AFTERSALE, "goods_returned", "买家退货给卖家"),
    "204": Tag("RefundRefused", Kind.AFTERSALE, "refund_refused", "拒绝退款"),
    "205": Tag("ReturnApplyRefused", Kind.AFTERSALE, "return_refused", "拒绝退货申请"),
    "206": Tag("RefundSuccess", Kind.AFTERSALE, "refunded", "退款成功"),
    "207": Tag("RefundClosed", Kind.AFTERSALE, "closed", "售后关闭"),
    "208": Tag("RefundModified", Kind.AFTERSALE, "modified", "买家修改售后申请"),
    "209": Tag("RefundExpirationChange", Kind.AFTERSALE, "deadline_changed", "售后超时时长变更"),
    "211": Tag("ExchangeConfirmed", Kind.AFTERSALE, "exchange_confirmed", "确认换货并二次发货"),
    "212": Tag("ArbitrateApplied", Kind.ARBITRATION, "applied", "买家发起客服仲裁"),
    "213": Tag("ArbitrateServiceEvidence", Kind.ARBITRATION, "evidence_wanted", "客服要求商家上传凭证"),
    "214": Tag("ArbitrateSellerEvidence", Kind.ARBITRATION, "evidence_given", "商家上传仲裁凭证"),
    "215": Tag("ArbitrateCancelled", Kind.ARBITRATION, "cancelled", "买家取消仲裁"),
    "216": Tag("ArbitrateAudited", Kind.ARBITRATION, "concluded", "客服仲裁结果"),
    "217": Tag("ArbitrateServiceIntervene", Kind.ARBITRATION, "platform_intervened", "仲裁客服介入"),
    "218": Tag("ArbitrateDiscussEvidence", Kind.ARBITRATION, "discussion_evidence", "协商期上传凭证"),
    "224": Tag("SpecialRightsRefund", Kind.AFTERSALE, "special_applied", "特殊权益售后"),
    "225": Tag("SpecialRightsRefunded", Kind.AFTERSALE, "special_refunded", "特殊权益售后退款成功"),
    "226": Tag("ResendShipped", Kind.AFTERSALE, "resend_shipped", "补寄商家发货"),
    "227": Tag("ResendAgreed", Kind.AFTERSALE, "resend_agreed", "同意补寄申请"),
    "400": Tag("ProductChange", Kind.PRODUCT, "changed", "商品变更"),
    "417": Tag("ProductContentChange", Kind.PRODUCT, "content_changed", "商品内容变更"),
}
PROBE_TAG = "0"
TIME_FIELDS = (
    "update_time", "modify_time", "complete_time", "cancel_time", "success_time", "close_time", "agree_time",
    "refuse_time", "pay_time", "apply_time", "create_time",
)  # fmt: skip
