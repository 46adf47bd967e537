/* Polling: conditional requests at the server's pace, none while the page is hidden, and a word if the server is silent. */
(() => {
  "use strict";

  const STORE = "pgprocess.live";
  const LONGEST = 30000; // milliseconds between two requests to a silent server
  const wanted = () => localStorage.getItem(STORE) !== "off";
  let skew = 0; // how far this machine's clock is ahead of the server's, in seconds

  const now = () => Date.now() / 1000 - skew;

  /* A length of time in its two largest units, as the server writes it. */
  const duration = (time) => {
    const seconds = Math.max(0, time);
    for (const [size, unit, partSize, part] of [[86400, "d", 3600, "h"], [3600, "h", 60, "m"], [60, "m", 1, "s"]]) {
      if (seconds < size) continue;
      const whole = Math.floor(seconds / size), rest = Math.floor((seconds - whole * size) / partSize);
      return `${whole} ${unit} ${String(rest).padStart(2, "0")} ${part}`;
    }
    return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds)} s`;
  };

  /* The badge: live, paused, or since when the server has not answered. */
  const badgeOf = (element) => {
    const button = element && element.querySelector("[data-toggle]");
    if (!button) return { say: () => {}, onToggle: () => {} };
    const words = button.querySelector("[data-words]");
    const say = (stale) => {
      const state = stale ? "stale" : wanted() ? "on" : "off";
      element.dataset.state = state;
      button.setAttribute("aria-pressed", String(wanted()));
      words.textContent = stale ? `${element.dataset.stale} ${stale.toLocaleTimeString()}` : element.dataset[state];
    };
    button.hidden = false;
    say();
    return {
      say,
      onToggle: (act) => button.addEventListener("click", () => {
        localStorage.setItem(STORE, wanted() ? "off" : "on");
        say();
        act();
      }),
    };
  };

  /* Ask `address()` again and again; call `changed(response)` when the answer is another than the one marked `mark`. */
  const watch = ({ address, mark = "", changed, ended = () => {}, badge, wait = 1000 }) => {
    const shown = badgeOf(badge);
    let timer, answered = new Date(), failures = 0, request, over = false;

    const later = (pause) => {
      clearTimeout(timer);
      if (!over) timer = setTimeout(poll, pause * (0.85 + 0.3 * Math.random()));
    };

    const poll = async () => {
      clearTimeout(timer);
      if (over || document.hidden || !wanted()) return;
      if (request) request.abort();
      request = new AbortController();
      const mine = request, limit = setTimeout(() => mine.abort(), 20000);
      try {
        const headers = mark ? { "If-None-Match": mark } : {};
        const response = await fetch(address(), { headers, cache: "no-store", signal: mine.signal });
        if (response.redirected || (response.status >= 400 && response.status < 500)) { // signed out, or gone
          stop();
          return shown.say(answered);
        }
        if (response.status !== 304 && !response.ok) throw new Error(response.status);
        const date = Date.parse(response.headers.get("Date"));
        if (date) skew = Math.round(Date.now() / 1000 - date / 1000);
        if (Math.abs(skew) < 2) skew = 0;
        if (response.status !== 304) {
          await changed(response);
          mark = response.headers.get("ETag") || "";
        }
        answered = new Date();
        failures = 0;
        shown.say();
        const pause = Number(response.headers.get("X-Next"));
        if (pause) later(pause);
        else stop();
      } catch {
        if (mine !== request || over) return;
        failures += 1;
        shown.say(answered);
        later(Math.min(LONGEST, wait * 2 ** failures));
      } finally {
        clearTimeout(limit);
      }
    };

    const stop = () => {
      over = true;
      clearTimeout(timer);
      ended();
    };

    document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });
    shown.onToggle(poll);
    later(wait);
  };

  setInterval(() => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll("[data-tick]")) {
      if (element.dataset.tick) element.textContent = duration(now() - Number(element.dataset.tick));
    }
  }, 1000);

  const ready = (act) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", act);
    else act();
  };

  window.pgprocess = { watch, duration, now, ready };
})();
