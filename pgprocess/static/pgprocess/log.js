/* The log of the task at hand: grows at its end, shows one stream or both, and is followed until the reader scrolls up. */
(() => {
  "use strict";
  const MOST = 4000; // chunks kept on the page
  const { ready } = window.pgprocess;
  let going = 0;

  const start = (panel) => {
    const mine = ++going;
    const log = panel.querySelector("[data-log]");
    if (!log) return;
    streams(panel, log);
    const follow = panel.querySelector("[data-follow]");
    if (follow) follow.hidden = false;
    const follows = () => follow && follow.getAttribute("aria-pressed") === "true";
    const toEnd = () => { log.scrollTop = log.scrollHeight; };
    const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 24;
    if (follow) {
      follow.addEventListener("click", () => {
        follow.setAttribute("aria-pressed", String(!follows()));
        if (follows()) toEnd();
      });
      log.addEventListener("scroll", () => follow.setAttribute("aria-pressed", String(atEnd())), { passive: true });
    }
    if (!log.dataset.kept) toEnd();
    log.dataset.kept = "";

    const end = log.querySelector("#end");
    const status = panel.querySelector(".pgp-title [data-status]");
    const add = (chunks) => {
      const nothing = panel.querySelector("[data-nothing]");
      if (chunks.length && nothing) nothing.remove();
      for (const [seq, stream, text] of chunks) {
        if (seq <= Number(log.dataset.last)) continue;
        const chunk = document.createElement("span");
        chunk.dataset.stream = stream;
        chunk.textContent = text;
        log.insertBefore(chunk, end);
        log.dataset.last = seq;
      }
      while (log.children.length > MOST && follows()) log.firstElementChild.remove();
      if (chunks.length && follows()) toEnd();
    };

    const poll = async (failures) => {
      if (mine !== going || !document.contains(log)) return;
      if (document.hidden || localStorage.getItem("pgprocess.live") === "off") return again(1000, 0);
      try {
        const address = `${log.dataset.log}?attempt=${log.dataset.number}&after=${log.dataset.last}`;
        const response = await fetch(address, { cache: "no-store" });
        if (response.redirected || (response.status >= 400 && response.status < 500)) return;
        if (!response.ok) throw new Error(response.status);
        const found = await response.json();
        add(found.pieces);
        const changed = status && found.status !== status.dataset.status;
        if (changed) panel.dispatchEvent(new CustomEvent("pgp:stale", { bubbles: true }));
        if (found.next) again(found.next, 0);
      } catch {
        again(Math.min(30000, 1000 * 2 ** failures), failures + 1);
      }
    };
    const again = (pause, failures) => setTimeout(poll, pause, failures);
    if (log.dataset.going) again(500, 0);
  };

  const streams = (panel, log) => {
    const group = panel.querySelector("[data-streams]");
    if (!group) return;
    group.hidden = false;
    for (const button of group.querySelectorAll("button")) {
      button.addEventListener("click", () => {
        for (const other of group.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
        log.dataset.only = button.dataset.stream;
      });
    }
  };

  /* Load the panel of another task, or of the same one anew: its markup comes from the server, a log that goes on stays. */
  const load = async (panel, address) => {
    const response = await fetch(address, { cache: "no-store" });
    if (response.redirected || !response.ok) throw new Error(response.status);
    const html = await response.text();
    const old = panel.querySelector("[data-log]");
    const focused = panel.contains(document.activeElement) && document.activeElement;
    panel.innerHTML = html;
    const log = panel.querySelector("[data-log]");
    if (old && log && old.dataset.log === log.dataset.log && old.dataset.number === log.dataset.number) {
      old.dataset.going = "1"; // once more: what was written last may not be here yet
      old.dataset.kept = "1";
      const top = old.scrollTop;
      log.replaceWith(old);
      old.scrollTop = top;
    }
    if (focused) {
      const heir = [...panel.querySelectorAll("a, button")].find((one) => one.textContent === focused.textContent);
      (heir || panel.querySelector("a, button") || panel).focus({ preventScroll: true });
    }
    start(panel);
  };

  /* Load the strip of a task's own page anew: it changes with the panel. */
  const restrip = async () => {
    const response = await fetch(location.href, { cache: "no-store" });
    if (!response.ok || response.redirected) return;
    const anew = new DOMParser().parseFromString(await response.text(), "text/html").querySelector(".pgp-strip");
    const old = document.querySelector(".pgp-strip");
    if (anew && old && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(anew));
  };

  ready(() => {
    const panel = document.querySelector("[data-panel]");
    if (!panel) return;
    start(panel);
    panel.addEventListener("pgp:stale", () => {
      const shown = panel.querySelector("[data-task-panel]");
      const chosen = panel.querySelector(".pgp-tries [aria-current][data-attempt]");
      const attempt = chosen ? chosen.dataset.attempt : "";
      load(panel, `${shown.dataset.taskPanel}?${panel.dataset.panel}&attempt=${attempt}`).catch(() => {});
      if (panel.dataset.panel === "alone") restrip().catch(() => {});
    });
  });

  window.pgprocess.panel = { load };
})();
