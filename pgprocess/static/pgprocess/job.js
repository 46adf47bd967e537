/* The page of a job while it runs: texts and attributes follow the server; a task is chosen without leaving the page. */
window.pgprocess.ready(() => {
  "use strict";
  const { watch, duration, now, panel: panels } = window.pgprocess;
  const page = document.querySelector(".pgp-job");
  if (!page) return;
  const diagram = page.querySelector(".pgp-diagram");
  const strip = page.querySelector("[data-strip]");
  const panel = page.querySelector("[data-panel]");
  const timeline = page.querySelector("[data-timeline]");
  let since = page.dataset.since;

  const nodeOf = (task) => diagram && diagram.querySelector(`.pgp-node[data-id="${CSS.escape(task)}"]`);
  const write = (element, text) => { if (element && element.textContent !== text) element.textContent = text; };

  const toNewest = () => {
    for (const grid of page.querySelectorAll(".pgp-grid")) grid.parentElement.scrollLeft = grid.parentElement.scrollWidth;
  };

  /* The diagram. */
  const running = new Map(Object.entries(JSON.parse(page.dataset.running || "{}")));
  const draw = (line) => {
    if (line.since) running.set(line.task, line.since);
    else running.delete(line.task);
    const node = nodeOf(line.task);
    if (!node) return;
    node.dataset.status = line.status;
    node.setAttribute("aria-label", line.label);
    write(node.querySelector("title"), line.label);
    write(node.querySelector(".pgp-glyph"), line.sign);
    write(node.querySelector(".pgp-note"), line.note);
    for (const edge of diagram.querySelectorAll(`.pgp-edge[data-parent="${CSS.escape(line.task)}"]`)) {
      edge.dataset.status = line.status;
    }
  };
  setInterval(() => {
    if (document.hidden) return;
    for (const [task, begun] of running) {
      const note = nodeOf(task)?.querySelector(".pgp-note");
      if (note) write(note, note.textContent.replace(/[^·]*$/, ` ${duration(now() - begun)}…`));
    }
  }, 1000);

  /* The timeline: drawn anew when something changed, or when the present runs over its border. */
  let drawn = 0, due = false;
  const redraw = async () => {
    const clip = timeline.querySelector(".pgp-clip");
    const over = clip && clip.dataset.end && now() > Number(clip.dataset.end);
    if (!(due || over) || Date.now() - drawn < 1500 || document.hidden) return;
    drawn = Date.now();
    due = false;
    try {
      const response = await fetch(timeline.dataset.timeline + location.search, { cache: "no-store" });
      if (response.ok && !response.redirected) timeline.innerHTML = await response.text();
    } catch {
      due = true;
    }
  };
  const grow = () => {
    const clip = timeline.querySelector(".pgp-clip");
    if (!clip || !clip.dataset.end) return;
    for (const bar of timeline.querySelectorAll('.pgp-try[data-status="running"]')) {
      const left = parseFloat(bar.getAttribute("x"));
      const drawnAt = Number(bar.dataset.at) || (bar.dataset.at = String(now()), now());
      if (!bar.dataset.width) bar.dataset.width = parseFloat(bar.getAttribute("width"));
      const gap = Number(clip.dataset.end) - drawnAt;
      const share = gap > 0 ? Math.min(1, (now() - drawnAt) / gap) : 0;
      const width = Number(bar.dataset.width);
      bar.setAttribute("width", `${(width + share * (100 - left - width)).toFixed(2)}%`);
    }
  };

  /* The task at hand. */
  const mark = () => {
    const shown = panel && panel.querySelector("[data-task-panel]");
    for (const node of page.querySelectorAll(".pgp-chosen")) node.classList.remove("pgp-chosen");
    const node = shown && nodeOf(shown.dataset.task);
    if (node) node.classList.add("pgp-chosen");
    const row = shown && timeline.querySelector(`tr[data-task="${CSS.escape(shown.dataset.task)}"]`);
    if (row) row.classList.add("pgp-chosen");
  };
  const choose = async (link) => {
    const target = new URL(link.href);
    const task = target.searchParams.get("task");
    const address = page.dataset.panels.replace("/0/", `/${task}/`);
    try {
      await panels.load(panel, `${address}?attempt=${target.searchParams.get("attempt") || ""}`);
    } catch {
      location.assign(link.href);
      return;
    }
    history.replaceState(null, "", target);
    mark();
    const top = panel.getBoundingClientRect().top;
    if (top < 0 || top > innerHeight - 120) panel.scrollIntoView({ block: "start" });
    if (link.closest(".pgp-diagram, .pgp-strip, .pgp-timeline")) {
      panel.setAttribute("tabindex", "-1");
      panel.focus({ preventScroll: true });
    }
  };
  page.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("a[href]");
    if (!link || !panel || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const href = link.href instanceof SVGAnimatedString ? link.href.baseVal : link.getAttribute("href");
    const target = new URL(href, location.href);
    if (target.pathname !== location.pathname || !target.searchParams.get("task")) return;
    event.preventDefault();
    choose({ href: target.href, closest: (selector) => link.closest(selector) });
  });

  /* Load the actions and the last runs anew, since the end of the job changes both. */
  const refresh = async () => {
    const response = await fetch(location.href, { cache: "no-store" });
    if (!response.ok || response.redirected) return;
    const anew = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const part of [".pgp-tools", ".pgp-grid"]) {
      const old = page.querySelector(part), other = anew.querySelector(`.pgp-job ${part}`);
      if (old && other && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(other));
    }
  };

  mark();
  toNewest();
  if (page.dataset.over) return;
  watch({
    address: () => `${page.dataset.live}?since=${since}`,
    mark: `"${page.dataset.mark}"`,
    badge: page.querySelector("[data-badge]"),
    changed: async (response) => {
      const found = await response.json();
      since = found.since;
      if (!strip.contains(document.activeElement)) strip.innerHTML = found.strip;
      strip.dataset.status = found.status;
      found.tasks.forEach(draw);
      const shown = panel && panel.querySelector("[data-task-panel]");
      const line = shown && found.tasks.find((one) => one.task === shown.dataset.task);
      const badge = shown && shown.querySelector(".pgp-title [data-status]");
      if (line && badge && (badge.dataset.status !== line.status || panel.querySelector(".pgp-why"))) {
        panel.dispatchEvent(new CustomEvent("pgp:stale", { bubbles: true }));
      }
      due = true;
      redraw();
    },
    ended: () => {
      setTimeout(() => {
        due = true;
        drawn = 0;
        redraw();
        refresh().catch(() => {});
      }, 800);
    },
  });
  setInterval(() => { redraw().then(mark); grow(); }, 1000);
});
