"""What watches a page in a browser: when it is at rest, and what its controls hold.

It runs before the page's own script, whose socket and short pauses it sees from outside: that is
left as it is shipped.
"""

from __future__ import annotations

from typing import Final

__all__ = ["AT_REST", "CHANGED", "PLACE_OF", "SNAPSHOT", "SUBMIT", "WATCH"]

WATCH: Final = """(() => {
  const watch = {
    socket: null, open: new Set(), outcomes: [], hash: null, pauses: new Set(), version: 0,
    // Counted on from what no other document began with.
    frames: Math.round(performance.timeOrigin * 100),
    elements: [], waiting: new Set(), leaves: false,
  };
  const later = window.setTimeout.bind(window);
  const stop = window.clearTimeout.bind(window);
  watch.look = () => { for (const each of [...watch.waiting]) each(); };
  const soon = () => later(watch.look);
  watch.until = (holds, ms) => new Promise((resolve) => {
    const timer = later(() => end(false), ms);
    const look = () => holds() && end(true);
    const end = (held) => { stop(timer); watch.waiting.delete(look); resolve(held); };
    watch.waiting.add(look);
    look();
  });

  const sent = ({ t, seq, hash }) => {
    if (t === "hello") watch.hash = hash;
    if (t === "event" || t === "form") watch.open.add(seq);
  };
  const received = ({ t, seq, hash, settlement, reason }) => {
    watch.frames++;
    if (t === "full" || t === "patch") watch.hash = hash;
    if (t !== "settled") return;
    watch.open.delete(seq);
    watch.outcomes.push([settlement, reason ?? ""]);
  };
  window.WebSocket = class extends WebSocket {
    constructor(...all) {
      super(...all);
      watch.socket = this;
      this.addEventListener("open", soon);
      this.addEventListener("close", () => { watch.open.clear(); soon(); });
      this.addEventListener("message", ({ data }) => { received(JSON.parse(data)); soon(); });
    }
    send(data) {
      sent(JSON.parse(data));
      super.send(data);
    }
  };

  // What the page's script does in a moment, such as to send what was typed.
  window.setTimeout = (task, ms = 0, ...all) => {
    if (ms > 100) return later(task, ms, ...all);
    const timer = later(() => {
      watch.pauses.delete(timer);
      soon();
      task(...all);
    }, ms);
    watch.pauses.add(timer);
    return timer;
  };
  window.clearTimeout = (timer) => {
    stop(timer);
    watch.pauses.delete(timer);
    soon();
  };
  addEventListener("beforeunload", () => { watch.leaves = true; });
  new MutationObserver(() => { watch.version++; soon(); }).observe(document, {
    attributes: true, characterData: true, childList: true, subtree: true,
  });
  window.spindleWatch = watch;
})()"""

AT_REST: Final = """async ([seen, ms]) => {
  const watch = window.spindleWatch;
  const connected = () => watch.socket?.readyState === 1;
  // Closed without saying so, the page is about to be loaded anew.
  const lost = () => watch.socket?.readyState === 3 && document.querySelector(".spindle-lost");
  const stands = () => connected() || lost();
  const page = document.getElementById("spindle");
  const held = await watch.until(() => document.readyState !== "loading" && (!page || (
    stands() && !watch.leaves && !watch.open.size && !watch.pauses.size
    && (!connected() || watch.frames !== seen))), ms);
  return {
    held, connected: connected(), open: watch.open.size, stands: !!stands(),
    hash: watch.hash, frames: watch.frames,
  };
}"""

CHANGED: Final = "([version, ms]) => spindleWatch.until(() => spindleWatch.version !== version, ms)"

SNAPSHOT: Final = """() => {
  const watch = window.spindleWatch;
  const all = (tree) => [tree, ...tree.querySelectorAll("*")];
  const copy = document.body.cloneNode(true);
  watch.elements = all(document.body);
  all(copy).forEach((twin, at) => {
    const element = watch.elements[at];
    twin.setAttribute("data-sp-at", at);
    if (element === document.activeElement) twin.setAttribute("data-sp-focused", "");
    if (!element.matches("input, select, textarea")) return;
    const picked = [...(element.options ?? [])].flatMap((each, at) => each.selected ? [at] : []);
    const { value, checked = false } = element;
    twin.setAttribute("data-sp-holds", JSON.stringify({ value, checked, picked }));
  });
  return {
    html: copy.outerHTML, title: document.title, url: location.pathname + location.search,
    leave: document.getElementById("spindle")?.dataset.leave ?? "", version: watch.version,
    outcomes: watch.outcomes, connected: watch.socket?.readyState === 1,
  };
}"""

PLACE_OF: Final = """([at, x, y, by]) => {
  const element = spindleWatch.elements[at].closest(`[data-sp-by=${by}]`);
  element.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (element instanceof SVGGraphicsElement) {
    const point = new DOMPoint(x, y).matrixTransform(element.getScreenCTM());
    return [point.x, point.y];
  }
  const { left, top } = element.getBoundingClientRect();
  return [left + x, top + y];
}"""

SUBMIT: Final = "at => spindleWatch.elements[at].requestSubmit()"
