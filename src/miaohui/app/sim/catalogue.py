"""The demo shop's goods, shared by the seed and by the simulated platform. Prices in fen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Good:
    """One product with its variants. `note` is what a colleague knows of it for an answer."""

    product_id: str
    title: str
    price_fen: int
    category: str
    colours: tuple[str, ...]
    sizes: tuple[str, ...]
    attributes: dict[str, str]

    def specs(self) -> list[str]:
        """Return every variant, colour first."""
        return [f"{colour} {size}".strip() for colour in self.colours for size in self.sizes]

    def sku_id(self, spec: str) -> str:
        """Return a variant's id: stable, 19 digits, unique over the shop."""
        return str(1_790_000_000_000_000_000 + int(self.product_id[-6:]) * 100 + self.specs().index(spec))


_ADULT = ("S", "M", "L", "XL")
GOODS = (
    Good("3700000000000120001", "法式碎花收腰连衣裙 秋冬打底长裙", 23_900, "连衣裙", ("奶油杏", "雾霾蓝"), _ADULT,
         {"面料": "聚酯纤维 95% 氨纶 5%", "版型": "收腰", "厚薄": "适中", "洗涤": "可机洗，装洗衣袋"}),
    Good("3700000000000120002", "轻薄羽绒服女冬短款 90 白鸭绒", 39_900, "羽绒服", ("米白", "黑色", "焦糖"), _ADULT,
         {"面料": "锦纶", "填充物": "90% 白鸭绒", "充绒量": "M 码 96 克", "洗涤": "手洗或干洗"}),
    Good("3700000000000120003", "加绒加厚卫衣男女同款 宽松落肩", 12_900, "卫衣",
         ("麻灰", "藏青", "燕麦"), ("M", "L", "XL", "2XL"),
         {"面料": "棉 68% 聚酯纤维 32%", "版型": "宽松", "厚薄": "加绒"}),
    Good("3700000000000120004", "高腰直筒牛仔裤女 显瘦九分", 15_900, "牛仔裤",
         ("复古蓝", "黑灰"), ("26", "27", "28", "29", "30"),
         {"面料": "棉 98% 氨纶 2%", "腰头": "高腰", "裤长": "九分"}),
    Good("3700000000000120005", "软糯半高领针织衫 打底毛衣", 9_900, "针织衫", ("杏色", "黑色", "酒红"), ("均码",),
         {"面料": "粘纤 50% 锦纶 28% 聚酯纤维 22%", "手感": "软糯不扎", "洗涤": "手洗平铺晾干"}),
    Good("3700000000000120006", "双面呢羊毛大衣女中长款", 69_900, "大衣", ("驼色", "燕麦"), ("S", "M", "L"),
         {"面料": "绵羊毛 80% 聚酯纤维 20%", "版型": "H 型", "洗涤": "干洗"}),
    Good("3700000000000120007", "垂感阔腿西装裤女 春秋通勤", 13_900, "西裤", ("黑色", "浅灰"), _ADULT,
         {"面料": "聚酯纤维 70% 粘纤 26% 氨纶 4%", "腰头": "后松紧", "裤长": "可选短款"}),
    Good("3700000000000120008", "纯棉短袖T恤女 三件装", 8_900, "T 恤", ("白 + 黑 + 灰",), _ADULT,
         {"面料": "棉 100%", "克重": "220 克", "版型": "正肩"}),
    Good("3700000000000120009", "真丝印花小方巾（直播间赠品同款）", 2_900, "配饰", ("暖橘", "雾蓝"), ("",),
         {"面料": "桑蚕丝 100%", "尺寸": "53×53 厘米"}),
    Good("3700000000000120010", "儿童加绒打底裤 男女童外穿", 5_900, "童装",
         ("黑色", "粉色"), ("110", "120", "130", "140"),
         {"面料": "棉 90% 氨纶 10%", "厚薄": "加绒"}),
)  # fmt: skip
BY_ID = {good.product_id: good for good in GOODS}
PRESENTER = ("8800001", "秒回姐姐")
LIVE_ROOM_ID = "7401000000000000021"
VIDEO_ID = "7430000000000000007"
CARRIERS = (("shunfeng", "顺丰速运", "SF"), ("zhongtong", "中通快递", "ZT"), ("yuantong", "圆通速递", "YT"))
