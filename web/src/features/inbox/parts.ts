/** What a message is made of: the words of `src/miaohui/channels/model/parts.py`. Fields at their default are left out. */
interface Media { ref?: string; url?: string; blob_id?: string; mime?: string; name?: string; size_bytes?: number; width?: number; height?: number; duration_ms?: number; is_viewable?: boolean; problem?: string }

export type Part =
  | { type: "text"; text: string }
  | { type: "emoji"; code: string; name?: string; url?: string }
  | ({ type: "image" | "video" | "file" } & Media)
  | ({ type: "voice"; transcript?: string } & Media)
  | { type: "location"; latitude: string; longitude: string; name?: string; address?: string }
  | { type: "link"; url: string; title?: string; description?: string; image_url?: string }
  | { type: "product_card"; product_id: string; title?: string; price_fen?: number | null; image_url?: string; url?: string; sku_id?: string }
  | { type: "order_card"; order_id: string; title?: string; amount_fen?: number | null; status_zh?: string; image_url?: string; item_count?: number }
  | { type: "mini_app"; app_id: string; title?: string }
  | { type: "menu"; head: string; options?: [string, string][]; tail?: string }
  | { type: "menu_click"; option_id: string; text?: string }
  | { type: "coupon"; coupon_id: string; title?: string; amount_fen?: number | null; expires_at_ms?: number | null }
  | { type: "quote"; message_key: string; text?: string; sender?: string }
  | { type: "merged"; title?: string; lines?: string[] }
  | { type: "rating_invite"; text?: string }
  | { type: "rating"; score: number; comment?: string; tags?: string[] }
  | { type: "system"; text: string; code?: string }
  | { type: "unknown"; platform_type?: string };

/** Returns the signed address of a medium on our own origin; never a foreign one, so that no picture tells who looks. */
export function mediaAddress(part: Media): string | null {
  return part.is_viewable !== false && part.url?.startsWith("/files/") ? part.url : null;
}

/** Returns the pictures and videos of some messages, in order, as the viewer leafs through them. */
export function picturesIn(messages: readonly { parts: readonly Part[]; recalled: boolean }[]): readonly { kind: "image" | "video"; address: string; name: string }[] {
  return messages.flatMap((message) => (message.recalled ? [] : message.parts.flatMap((part) => {
    const address = part.type === "image" || part.type === "video" ? mediaAddress(part) : null;
    return address && (part.type === "image" || part.type === "video") ? [{ kind: part.type, address, name: part.name ?? "" }] : [];
  })));
}

/** Tells whether a part has its bytes with us but came without a link, as in the feed: it is to be fetched. */
export function lacksLink(part: Part): boolean {
  return "blob_id" in part && !!part.blob_id && !part.url;
}

/** Tells whether the back end could not get a file of this message from its platform: a person may have it tried again. */
export function hasProblem(parts: readonly Part[]): boolean {
  return parts.some((part) => "problem" in part && !!part.problem && part.problem !== "fetching");
}

/** Returns the text of the parts as somebody would copy it. */
export function copyText(parts: readonly Part[]): string {
  return parts.flatMap((part) => (part.type === "text" || part.type === "system" ? [part.text] : [])).join("\n");
}

/** Returns the size at which a picture is shown, so that nothing jumps when it arrives. Units: CSS pixels. */
export function shownSize(width = 0, height = 0, most = 240): { width: number; height: number } {
  if (width <= 0 || height <= 0) return { width: 180, height: 180 };
  const scale = Math.min(1, most / width, most / height);
  return { width: Math.max(48, Math.round(width * scale)), height: Math.max(48, Math.round(height * scale)) };
}
