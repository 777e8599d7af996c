// Puts the chat button on a shop's page: <script src="https://…/widget/KEY.js" async></script>
// Optional attributes: data-title, data-customer-id, data-customer-proof, data-name, data-kind (product | order |
// live | chat), data-product-id, data-order-id, data-open ("yes" opens at once). Everything runs in a frame of
// our own address: the page around it sees nothing of the conversation.
(() => {
  const me = document.currentScript;
  if (!me || window.miaohui) return;
  const address = new URL(me.src).href.replace(/\.js(\?.*)?$/, "");
  const origin = new URL(address).origin;
  const data = me.dataset;
  const page = { kind: data.kind || "chat", url: location.href.split("#")[0], title: document.title.slice(0, 120),
    product_id: data.productId || "", order_id: data.orderId || "", room_id: data.roomId || "" };
  const about = { page, name: data.name || "", customer_id: data.customerId || "",
    customer_proof: data.customerProof || "" };

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "closed" });
  root.innerHTML = `<style>
    :host { all: initial; position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; }
    button { all: unset; cursor: pointer; display: grid; place-items: center; width: 56px; height: 56px;
      border-radius: 50%; background: #2f54eb; color: #fff; box-shadow: 0 6px 20px #0003; margin-left: auto; }
    button:focus-visible { outline: 3px solid #adc6ff; }
    b { position: absolute; right: -2px; bottom: 40px; min-width: 20px; padding: 0 6px; border-radius: 10px;
      background: #f5222d; color: #fff; font: 600 12px/20px system-ui; text-align: center; box-sizing: border-box; }
    iframe { display: block; width: min(380px, calc(100vw - 24px)); height: min(620px, calc(100vh - 110px));
      border: 0; border-radius: 16px; box-shadow: 0 12px 48px #0004; margin-bottom: 12px; background: #fff; }
    [hidden] { display: none; }
  </style><div id="frame"></div><button type="button" aria-label="在线客服" aria-expanded="false">
  <svg viewBox="0 0 24 24" width="26" height="26"><path fill="currentColor" d="M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5
  0 0 1 20 5.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-4.4 4a.7.7 0 0 1-1.1-.5V16A2.5 2.5 0 0 1 4 13.5z"/></svg></button>
  <b hidden></b>`;
  const place = root.getElementById("frame"), button = root.querySelector("button"), badge = root.querySelector("b");
  let frame = null, isReady = false;

  const show = (open) => {
    if (open && !frame) {
      frame = document.createElement("iframe");
      frame.title = data.title || "在线客服";
      frame.allow = "autoplay";
      frame.src = `${address}#${encodeURIComponent(JSON.stringify({ ...about, embedded: true }))}`;
      frame.addEventListener("load", () => { isReady = true; tell(!place.hidden); });
      place.append(frame);
    }
    place.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) badge.hidden = true;
    tell(open);
  };
  const tell = (open) => { if (isReady) frame.contentWindow.postMessage({ miaohui: open ? "shown" : "hidden" }, origin); };
  button.addEventListener("click", () => show(place.hidden || !frame));
  addEventListener("message", (event) => {
    if (event.origin !== origin || event.source !== frame?.contentWindow) return;
    if (event.data?.miaohui === "close") show(false);
    if (event.data?.miaohui === "unread" && place.hidden) {
      badge.textContent = String(Math.min(99, Number(event.data.count) || 0));
      badge.hidden = !(event.data.count > 0);
    }
  });
  const start = () => { document.body.append(host); place.hidden = true; if (data.open === "yes") show(true); };
  document.body ? start() : addEventListener("DOMContentLoaded", start);
  window.miaohui = { open: () => show(true), close: () => show(false) };
})();
