"""What runs inside the page to measure it. Times are taken after the frame that shows the result was painted."""

from __future__ import annotations

# Key press → the frame after it is on the screen; milliseconds in `window.keys`.
KEYS = """
() => {
  if (window.keys) { window.keys.length = 0; return; }
  window.keys = [];
  document.addEventListener('keydown', (event) => {
    const at = event.timeStamp;
    requestAnimationFrame(() => setTimeout(() => window.keys.push(performance.now() - at)));
  }, true);
}
"""

# Added to a page before it loads: the moment at which the first row of the list was clicked and is shown as chosen.
FIRST_ACT = """
(() => {
  const look = () => {
    const row = document.querySelector('[role=listbox] [role=option]');
    if (!row) return requestAnimationFrame(look);
    if (!window.listAt) { window.listAt = performance.now(); row.click(); }
    if (document.querySelector('[role=option][aria-selected=true]') &&
        document.querySelector('[data-conversation] textarea'))
      return requestAnimationFrame(() => setTimeout(() => { window.firstAct = performance.now(); }));
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""

# Waits for the end of the script before; the page's policy forbids the evaluated texts of `wait_for_function`.
WAIT_FIRST_ACT = """
async () => {
  while (!window.firstAct && performance.now() < 30000) await new Promise((done) => setTimeout(done, 20));
  return window.firstAct ?? 30000;
}
"""

# Notes when each mark #t<number># is painted somewhere on the page; wall clock milliseconds in `window.seen`.
MARKS = """
() => {
  window.seen = {};
  const look = (text) => {
    for (const [, mark] of (text ?? '').matchAll(/#t(\\d+)#/g)) {
      if (mark in window.seen) continue;
      window.seen[mark] = 0;
      requestAnimationFrame(() => setTimeout(() => { window.seen[mark] = Date.now(); }));
    }
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === 'characterData') look(change.target.data);
      for (const node of change.addedNodes) look(node.textContent);
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}
"""

# Opens chats one after the other as a notification's click does; milliseconds to the first painted message of each
# (a row is seen in a frame's callback, before its paint; the timer after it runs behind that paint).
# `window.fetched`: how long the server was waited for, where the browser did not have the chat.
SWITCH = """
async (ids) => {
  const took = [];
  window.fetched = [];
  for (const id of ids) {
    performance.clearResourceTimings();
    const at = performance.now();
    window.dispatchEvent(new CustomEvent('miaohui:open', { detail: id }));
    while (!document.querySelector(`[data-conversation="${id}"] [role=log] [data-side]`)) {
      if (performance.now() - at > 10000) throw new Error(`conversation ${id} did not open`);
      await new Promise(requestAnimationFrame);
    }
    await new Promise((done) => setTimeout(done));
    took.push(performance.now() - at);
    const asked = performance.getEntriesByType('resource').find((one) => one.name.endsWith(`/conversations/${id}`));
    if (asked) window.fetched.push(asked.duration);
    await new Promise((done) => setTimeout(done, 150));
  }
  return took;
}
"""

# Scrolls the list until every conversation was loaded and the end is reached, then back to the top; frame times.
SCROLL = """
async (wanted) => {
  const list = document.querySelector('[role=listbox]'), frames = [];
  const frame = async () => {
    const before = performance.now();
    await new Promise(requestAnimationFrame);
    frames.push(performance.now() - before);
  };
  const rows = () => list.firstElementChild.offsetHeight / 68;
  const until = performance.now() + 60000;
  while (performance.now() < until) {
    list.scrollTop += 400;
    await frame();
    if (rows() >= wanted && list.scrollTop + list.clientHeight >= list.scrollHeight - 2) break;
  }
  while (list.scrollTop > 0) { list.scrollTop -= 400; await frame(); }
  return { frames, rows: rows() };
}
"""

# Scrolls an open chat to its beginning, page by page, so that the browser holds all of it.
TO_THE_BEGINNING = """
async () => {
  const log = document.querySelector('[role=log]');
  const until = performance.now() + 120000;
  let quiet = 0, height = 0;
  while (performance.now() < until && quiet < 25) {
    log.scrollTop = 0;
    await new Promise((done) => setTimeout(done, 40));
    quiet = log.scrollHeight === height ? quiet + 1 : 0;
    height = log.scrollHeight;
  }
  return height;
}
"""

# What axe finds serious or worse.
AXE = """
axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']}).then((found) => found.violations
  .filter((one) => ['serious', 'critical'].includes(one.impact))
  .map((one) => one.id + ': ' + one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')))
"""
