// The visitor's chat window. Texts only ever become text nodes. What was not confirmed stays in an outbox that
// survives a reload and is sent again under the same id: the server stores each id once.
import { locale, translatePage, w } from "./words.js";

const base = location.pathname.replace(/\/$/, "");
const $ = (id) => document.getElementById(id);
const log = $("log"), text = $("text"), statusLine = $("status");
const about = (() => { try { return JSON.parse(decodeURIComponent(location.hash.slice(1)) || "{}"); } catch { return {}; } })();
const store = {
  get: (name) => { try { return JSON.parse(localStorage.getItem(`miaohui:${base}:${name}`)); } catch { return null; } },
  set: (name, value) => { try { localStorage.setItem(`miaohui:${base}:${name}`, JSON.stringify(value)); } catch { /* private mode */ } },
};
let token = "", lines = new Map(), outbox = store.get("outbox") || [], beforeMs = null, lastId = null;
let welcome = null, isShown = true, unread = 0, readUpTo = 0, wasOpen = false, stars = 0, askedFor = 0, hasRated = false, seq = store.get("seq") || 0;

translatePage();

const newId = () => crypto.randomUUID();
const say = (message, isBad = false) => { statusLine.textContent = message; statusLine.classList.toggle("bad", isBad); };
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function call(path, options = {}) {
  const headers = { "x-miaohui-visitor": token, ...(options.body && !(options.body instanceof FormData) ? { "content-type": "application/json" } : {}) };
  const reply = await fetch(`${base}/${path}`, { ...options, headers: { ...headers, ...options.headers } });
  if (reply.status === 401 && path !== "session") { await openSession(); return call(path, options); }
  if (!reply.ok) throw Object.assign(new Error((await reply.json().catch(() => ({}))).message || `${w("错误")} ${reply.status}`), { status: reply.status });
  return reply.status === 204 || reply.headers.get("content-type")?.includes("event-stream") ? reply : reply.json();
}

async function openSession() {
  const wanted = { token: store.get("token") || "", name: about.name || "", customer_id: about.customer_id || "", customer_proof: about.customer_proof || "" };
  const found = await call("session", { method: "POST", body: JSON.stringify(wanted) });
  token = found.token;
  store.set("token", token);
  $("title").textContent = document.title = found.title;
  document.documentElement.style.setProperty("--accent", /^#[0-9a-f]{6}$/i.test(found.color) ? found.color : "#2f54eb");
  text.maxLength = found.max_text_chars;
  return found;
}

// ---- what stands in the window

const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const dayOf = new Intl.DateTimeFormat(locale, { month: "long", day: "numeric", weekday: "short" });

function node(tag, className, content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (content !== undefined) made.textContent = content;
  return made;
}

function safeLink(url) {
  try { const found = new URL(url, location.origin); return ["http:", "https:"].includes(found.protocol) ? found.href : ""; } catch { return ""; }
}

const MEDIA = {
  image: (part) => Object.assign(node("img"), { src: safeLink(part.url), alt: part.name || w("图片"), loading: "lazy" }),
  voice: (part) => Object.assign(node("audio"), { src: safeLink(part.url), controls: true, preload: "none" }),
  video: (part) => Object.assign(node("video"), { src: safeLink(part.url), controls: true, preload: "metadata" }),
};

function shown(part, line) {
  if (MEDIA[part.type] && part.url) return MEDIA[part.type](part);
  if (part.type === "text" || part.type === "system") return document.createTextNode(part.text);
  if (part.type === "emoji") return document.createTextNode(part.name ? `[${part.name}]` : `[${w("表情")}]`);
  if (part.type === "file" || part.type === "link") {
    const link = node("a", "", part.name || part.title || part.url || w("文件"));
    Object.assign(link, { href: safeLink(part.url), target: "_blank", rel: "noopener noreferrer" });
    return link;
  }
  if (part.type === "rating_invite") return inviteOf(part, line);
  if (part.type === "order_card" || part.type === "product_card") return goodsOf(part);
  const heads = { coupon: "优惠券", location: "位置", quote: "引用", menu: "请选择" };
  const card = node("span", "card");
  card.append(node("b", "", w(heads[part.type] || "消息")), document.createTextNode(part.title || part.order_id || part.text || part.head || part.name || w("暂不支持显示")));
  return card;
}

const yuan = (fen) => (typeof fen === "number" ? `¥${(fen / 100).toFixed(2)}` : "");

function goodsOf(part) {
  const card = node("span", "card");
  const isOrder = part.type === "order_card";
  const facts = isOrder ? [part.status_zh, yuan(part.amount_fen)] : [yuan(part.price_fen)];
  card.append(node("b", "", isOrder ? `${w("订单")} ${part.order_id}` : w("商品")), node("span", "name", part.title || part.product_id || ""));
  if (facts.some(Boolean)) card.append(node("span", "facts", facts.filter(Boolean).join(" · ")));
  return card;
}

function inviteOf(part, line) {
  const card = node("span", "card");
  const isDone = store.get("rated") >= line.id;
  const button = node("button", "rate", w(isDone ? "已评价" : "评价本次服务"));
  Object.assign(button, { type: "button", disabled: isDone });
  button.addEventListener("click", () => { askRating(); document.querySelector(".stars button").focus(); });
  card.append(node("b", "", w("邀请您评价")), node("span", "name", part.text || w("请为本次服务评分")), button);
  return card;
}

const newestInvite = () => Math.max(0, ...[...lines.values()].filter((line) => line.role !== "me" && !line.is_recalled
  && line.parts.some((part) => part.type === "rating_invite")).map((line) => line.id));

function bubbleOf(line) {
  const item = node("li", `line ${line.role}${line.is_recalled ? " gone" : ""}`);
  item.dataset.id = line.id;
  if (line.role === "bot") item.append(node("span", "label", w("智能客服 · AI 生成")));
  const isMedia = line.parts.length === 1 && MEDIA[line.parts[0].type] && line.parts[0].url;
  const bubble = node("div", `bubble${isMedia ? " media" : ""}`);
  if (line.is_recalled) bubble.textContent = w("消息已撤回");
  else for (const part of line.parts) bubble.append(shown(part, line));
  item.append(bubble, metaOf(line));
  return item;
}

function metaOf(line) {
  const meta = node("span", `meta${line.error ? " bad" : ""}`, line.error || clock.format(new Date(line.at)));
  if (line.role !== "me") return meta;
  if (line.error) {
    const again = node("button", "", w("重发"));
    again.type = "button";
    again.addEventListener("click", () => { line.error = ""; flush(); });
    meta.append(again);
  } else if (line.isPending) meta.textContent = w("发送中…");
  else if (line.id <= readUpTo) meta.textContent += ` · ${w("已读")}`;
  if (!line.isPending && !line.is_recalled && Date.now() - new Date(line.at) < 120000 && line.frame_id) {
    const back = node("button", "", w("撤回"));
    back.type = "button";
    back.addEventListener("click", () => { queue({ type: "recall", message_id: line.frame_id }); back.remove(); });
    meta.append(back);
  }
  return meta;
}

function draw() {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const stored = [...lines.values()].sort((a, b) => new Date(a.at) - new Date(b.at) || a.id - b.id);
  const known = new Set(stored.map((line) => line.frame_id));
  const waiting = outbox.filter((frame) => frame.type === "message" && !known.has(frame.id))
    .map((frame) => ({ id: Number.MAX_SAFE_INTEGER, role: "me", parts: frame.parts, at: frame.at, isPending: !frame.error, error: frame.error }));
  const items = [];
  let day = "";
  const all = [...stored, ...waiting];
  if (all.length === 0 && welcome) all.push(welcome);
  for (const line of all) {
    const today = dayOf.format(new Date(line.at));
    if (today !== day) items.push(node("li", "day", (day = today)));
    items.push(bubbleOf(line));
  }
  log.replaceChildren(...items);
  if (atEnd) log.scrollTop = log.scrollHeight;
  $("older").hidden = beforeMs === null;
}

async function refresh() {
  const page = await call("messages?limit=50");
  const before = lines.size;
  for (const line of page.items) {
    if (!lines.has(line.id) && line.role !== "me" && before > 0) noteNew();
    lines.set(line.id, line);
  }
  if (beforeMs === null && lines.size === page.items.length) beforeMs = page.before_ms;
  const frames = new Set(page.items.map((line) => line.frame_id));
  outbox = outbox.filter((frame) => !frames.has(frame.id));
  store.set("outbox", outbox);
  const invite = newestInvite();
  if (invite > Math.max(store.get("rated") || 0, askedFor)) { askedFor = invite; askRating(); }
  else if (wasOpen && !page.is_open && !hasRated) askRating();
  if (page.is_open && !wasOpen) hasRated = false;
  wasOpen = page.is_open;
  draw();
  markRead();
}

function noteNew() {
  unread += 1;
  if (!isShown) parent.postMessage({ miaohui: "unread", count: unread }, "*");
}

function markRead() {
  const newest = Math.max(0, ...[...lines.values()].filter((line) => line.role !== "me").map((line) => line.id));
  if (document.visibilityState === "visible" && isShown && newest > (store.get("read") || 0)) {
    store.set("read", newest);
    queue({ type: "read", message_id: String(newest) });
    unread = 0;
  }
}

// ---- what goes out

function queue(frame) {
  seq += 1;
  store.set("seq", seq);
  outbox.push({ id: newId(), seq, at: new Date().toISOString(), ...frame });
  store.set("outbox", outbox);
  draw();
  flush();
}

let isFlushing = false;
async function flush() {
  if (isFlushing || !token) return;
  isFlushing = true;
  let pause = 500;
  while (outbox.some((frame) => !frame.error && !frame.isStored)) {
    const frame = outbox.find((one) => !one.error && !one.isStored);
    try {
      await call("frames", { method: "POST", body: JSON.stringify(frame) });
      frame.isStored = true;
      if (frame.type !== "message") outbox = outbox.filter((one) => one !== frame);
      pause = 500;
    } catch (error) {
      if (error.status >= 400 && error.status < 500 && error.status !== 429) frame.error = error.message || w("发送失败");
      else { say(w("网络不稳定，正在重试…"), true); await sleep(pause); pause = Math.min(pause * 2, 15000); }
    }
    store.set("outbox", outbox);
  }
  isFlushing = false;
  draw();
  setTimeout(() => refresh().catch(() => {}), 400);
}

async function sendFile(file) {
  say(w("正在上传…"));
  try {
    const form = new FormData();
    form.append("file", file);
    const found = await call("uploads", { method: "POST", body: form });
    queue({ type: "message", parts: [found.part] });
    say(w("在线"));
  } catch (error) { say(error.message, true); }
}

// ---- live hints, by an event stream that resumes

async function follow() {
  let pause = 500;
  for (;;) {
    try {
      const reply = await call(`events${lastId === null ? "" : `?since=${lastId}`}`);
      say(w("在线"));
      pause = 500;
      await refresh();
      flush();
      await read(reply.body.getReader());
    } catch { say(w("连接已断开，正在重连…"), true); }
    await sleep(pause + Math.random() * pause);
    pause = Math.min(pause * 2, 15000);
  }
}

async function read(reader) {
  const decoder = new TextDecoder();
  let buffer = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    buffer += decoder.decode(value, { stream: true });
    const blocks = buffer.split("\n\n");
    buffer = blocks.pop();
    for (const block of blocks) hint(block);
  }
}

let typingTimer = 0;
function hint(block) {
  const fields = Object.fromEntries(block.split("\n").filter((row) => row.includes(": ")).map((row) => [row.slice(0, row.indexOf(": ")), row.slice(row.indexOf(": ") + 2)]));
  if (fields.id) lastId = Number(fields.id);
  if (!fields.data) return;
  const frame = JSON.parse(fields.data);
  if (frame.type === "typing") {
    $("typing").hidden = frame.on === false;
    clearTimeout(typingTimer);
    typingTimer = setTimeout(() => { $("typing").hidden = true; }, 6000);
    return;
  }
  if (frame.type === "read") { readUpTo = Math.max(readUpTo, Number(frame.id) || 0); draw(); return; }
  if (frame.type === "message") $("typing").hidden = true;
  if (frame.type !== "hello") refresh().catch(() => {});
}

// ---- rating

function askRating() {
  const row = document.querySelector(".stars");
  stars = 0;
  row.replaceChildren(...[1, 2, 3, 4, 5].map((n) => {
    const button = node("button", "", "★");
    Object.assign(button, { type: "button" });
    button.setAttribute("role", "radio");
    button.setAttribute("aria-label", `${n} ${w("星")}`);
    button.addEventListener("click", () => {
      stars = n;
      [...row.children].forEach((star, at) => { star.classList.toggle("on", at < n); star.setAttribute("aria-checked", String(at + 1 === n)); });
      document.querySelector("#rating .main").disabled = false;
    });
    return button;
  }));
  $("rating").hidden = false;
}

$("rating").addEventListener("submit", (event) => {
  event.preventDefault();
  queue({ type: "rating", score: stars, comment: $("rating-comment").value });
  $("rating").hidden = true;
  hasRated = true;
  store.set("rated", newestInvite());
  draw();
  say(w("感谢您的评价"));
});

// ---- the composer

const fit = () => { text.style.height = "auto"; text.style.height = `${text.scrollHeight}px`; $("send").disabled = !text.value.trim(); };
let lastTyping = 0;
text.addEventListener("input", () => {
  fit();
  if (Date.now() - lastTyping > 3000) { lastTyping = Date.now(); call("typing", { method: "POST", body: "{}" }).catch(() => {}); }
});
text.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); $("composer").requestSubmit(); } });
text.addEventListener("paste", (event) => { const file = event.clipboardData?.files?.[0]; if (file) { event.preventDefault(); sendFile(file); } });
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const value = text.value.trim();
  if (!value) return;
  text.value = "";
  fit();
  queue({ type: "message", parts: [{ type: "text", text: value }] });
});
$("file").addEventListener("change", (event) => { const file = event.target.files[0]; event.target.value = ""; if (file) sendFile(file); });
$("older").addEventListener("click", async () => {
  const page = await call(`messages?limit=50&before_ms=${beforeMs}`);
  for (const line of page.items) lines.set(line.id, line);
  beforeMs = page.before_ms;
  draw();
});
$("close").hidden = !about.embedded;
$("close").addEventListener("click", () => parent.postMessage({ miaohui: "close" }, "*"));
addEventListener("message", (event) => { if (event.source !== parent || parent === window) return; isShown = event.data?.miaohui !== "hidden"; markRead(); });
document.addEventListener("visibilitychange", markRead);
addEventListener("online", () => flush());

(async () => {
  for (let pause = 500; ; pause = Math.min(pause * 2, 15000)) {
    try {
      const found = await openSession();
      await refresh();
      if (found.welcome_zh) welcome = { id: 0, role: "agent", parts: [{ type: "text", text: found.welcome_zh }], at: found.server_at };
      draw();
      break;
    } catch (error) { say(error.message || w("暂时无法连接"), true); await sleep(pause); }
  }
  $("app").removeAttribute("aria-busy");
  queue({ type: "enter", page: about.page || { kind: "chat", url: location.origin, title: document.title } });
  follow();
})();
