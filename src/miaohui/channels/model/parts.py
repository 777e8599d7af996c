"""What a message is made of. Pure; every part goes to JSON and back without loss (codec.py).

Amounts are integer fen, platform ids are text (19 digits do not survive a float), times are milliseconds.
Source: channels.md §6.2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Part:
    """Base of all parts. `type` is the name on the wire, `label_zh` what a list row shows instead of it."""

    type: ClassVar[str] = ""
    label_zh: ClassVar[str] = ""

    def plain(self) -> str:
        """Return the part as one line of text for lists, search and understanding."""
        return self.label_zh


@dataclass(frozen=True)
class Text(Part):
    type: ClassVar[str] = "text"
    text: str

    def plain(self) -> str:
        return self.text


@dataclass(frozen=True)
class Emoji(Part):
    """A platform's own sticker or emoticon: `code` as the platform names it, `name` as people read it."""

    type: ClassVar[str] = "emoji"
    label_zh: ClassVar[str] = "[表情]"
    code: str
    name: str = ""
    url: str = ""

    def plain(self) -> str:
        return f"[{self.name}]" if self.name else self.label_zh


@dataclass(frozen=True)
class Media(Part):
    """What image, voice, video and file share.

    `ref` is the platform's media id, `blob_id` ours once the bytes are stored. `is_viewable` is False where
    the platform tells only that there is one (抖音: 需到抖音端内查看). `url` is the platform's address while the
    bytes are not ours, `problem` why they are not (inbox fetches them and says so).
    Units: bytes, pixels, milliseconds.
    """

    ref: str = ""
    url: str = ""
    blob_id: str = ""
    mime: str = ""
    name: str = ""
    size_bytes: int = 0
    width: int = 0
    height: int = 0
    duration_ms: int = 0
    is_viewable: bool = True
    problem: str = ""


@dataclass(frozen=True)
class Image(Media):
    type: ClassVar[str] = "image"
    label_zh: ClassVar[str] = "[图片]"


@dataclass(frozen=True)
class Voice(Media):
    """`transcript` is what speech recognition made of it, '' where nobody listened."""

    type: ClassVar[str] = "voice"
    label_zh: ClassVar[str] = "[语音]"
    transcript: str = ""

    def plain(self) -> str:
        return f"{self.label_zh}{self.transcript}"


@dataclass(frozen=True)
class Video(Media):
    type: ClassVar[str] = "video"
    label_zh: ClassVar[str] = "[视频]"


@dataclass(frozen=True)
class File(Media):
    type: ClassVar[str] = "file"
    label_zh: ClassVar[str] = "[文件]"

    def plain(self) -> str:
        return f"{self.label_zh}{self.name}"


@dataclass(frozen=True)
class Location(Part):
    """`latitude` and `longitude` are decimal degrees as text, exactly as sent."""

    type: ClassVar[str] = "location"
    label_zh: ClassVar[str] = "[位置]"
    latitude: str
    longitude: str
    name: str = ""
    address: str = ""

    def plain(self) -> str:
        return f"{self.label_zh}{self.name or self.address}"


@dataclass(frozen=True)
class Link(Part):
    type: ClassVar[str] = "link"
    label_zh: ClassVar[str] = "[链接]"
    url: str
    title: str = ""
    description: str = ""
    image_url: str = ""

    def plain(self) -> str:
        return f"{self.label_zh}{self.title or self.url}"


@dataclass(frozen=True)
class ProductCard(Part):
    type: ClassVar[str] = "product_card"
    label_zh: ClassVar[str] = "[商品]"
    product_id: str
    title: str = ""
    price_fen: int | None = None
    image_url: str = ""
    url: str = ""
    sku_id: str = ""

    def plain(self) -> str:
        return f"{self.label_zh}{self.title}"


@dataclass(frozen=True)
class OrderCard(Part):
    type: ClassVar[str] = "order_card"
    label_zh: ClassVar[str] = "[订单卡片]"
    order_id: str
    title: str = ""
    amount_fen: int | None = None
    status_zh: str = ""
    image_url: str = ""
    item_count: int = 0
    created_at_ms: int | None = None

    def plain(self) -> str:
        return f"{self.label_zh}{self.order_id} {self.title}".rstrip()


@dataclass(frozen=True)
class MiniApp(Part):
    type: ClassVar[str] = "mini_app"
    label_zh: ClassVar[str] = "[小程序]"
    app_id: str
    title: str = ""
    path: str = ""
    image_url: str = ""

    def plain(self) -> str:
        return f"{self.label_zh}{self.title}"


@dataclass(frozen=True)
class Menu(Part):
    """A question with buttons. `options`: pairs of (id, text)."""

    type: ClassVar[str] = "menu"
    label_zh: ClassVar[str] = "[菜单]"
    head: str
    options: tuple[tuple[str, str], ...] = ()
    tail: str = ""

    def plain(self) -> str:
        return " / ".join([self.head, *(text for _, text in self.options)])


@dataclass(frozen=True)
class MenuClick(Part):
    type: ClassVar[str] = "menu_click"
    option_id: str
    text: str = ""

    def plain(self) -> str:
        return self.text or self.option_id


@dataclass(frozen=True)
class Coupon(Part):
    type: ClassVar[str] = "coupon"
    label_zh: ClassVar[str] = "[优惠券]"
    coupon_id: str
    title: str = ""
    amount_fen: int | None = None
    expires_at_ms: int | None = None

    def plain(self) -> str:
        return f"{self.label_zh}{self.title}"


@dataclass(frozen=True)
class Quote(Part):
    """The message that this one answers to: `message_key` is its platform id."""

    type: ClassVar[str] = "quote"
    label_zh: ClassVar[str] = "[引用]"
    message_key: str
    text: str = ""
    sender: str = ""

    def plain(self) -> str:
        return f"{self.label_zh}{self.text}"


@dataclass(frozen=True)
class Merged(Part):
    """A bundle of forwarded chat lines."""

    type: ClassVar[str] = "merged"
    label_zh: ClassVar[str] = "[聊天记录]"
    title: str = ""
    lines: tuple[str, ...] = ()

    def plain(self) -> str:
        return f"{self.label_zh}{self.title}"


@dataclass(frozen=True)
class Rating(Part):
    """A buyer's rating of the service. Units: `score` 1–5."""

    type: ClassVar[str] = "rating"
    label_zh: ClassVar[str] = "[评价]"
    score: int
    comment: str = ""
    tags: tuple[str, ...] = ()

    def plain(self) -> str:
        return f"{self.label_zh}{self.score}星 {self.comment}".rstrip()


@dataclass(frozen=True)
class RatingInvite(Part):
    """The shop asks to be rated (邀评). It answers nothing: no reply clock stops for it. `text` is what stands by."""

    type: ClassVar[str] = "rating_invite"
    label_zh: ClassVar[str] = "[邀请评价]"
    text: str = ""

    def plain(self) -> str:
        return f"{self.label_zh}{self.text}"


@dataclass(frozen=True)
class System(Part):
    """A line that the platform wrote, not a person: never a question, never a round (domain.md §3.7)."""

    type: ClassVar[str] = "system"
    text: str
    code: str = ""

    def plain(self) -> str:
        return self.text


@dataclass(frozen=True)
class Unknown(Part):
    """Something that we do not know yet, kept as it came."""

    type: ClassVar[str] = "unknown"
    label_zh: ClassVar[str] = "[不支持的消息类型]"
    platform_type: str = ""
    raw: Any = field(default=None, hash=False)
