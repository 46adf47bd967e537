/* Boxes of a process are moved, by pointer or by keys: a place becomes a level and an offset, which the server keeps. */
(() => {
  "use strict";

  const STEP = 5; // percent
  const BORDER = 50;
  const SLACK = 4; // pixels that a click may wander
  const PAUSE = 500; // milliseconds between the last key and saving

  const setUp = () => {
    const root = document.querySelector("[data-arrange]");
    const frame = root?.querySelector(".pgp-frame");
    if (!frame) return;
    const [toggle, how, said, undo] = [".pgp-arrange", ".pgp-how", ".pgp-said", ".pgp-undo"].map((name) => root.querySelector(name));
    let dragged, pending, timer, last;

    const drawing = () => frame.querySelector("svg");
    const boxOf = (node) => node.querySelector(".pgp-box");
    const value = (element, name) => Number(element.getAttribute(name));
    const middleOf = (node) => value(boxOf(node), "x") + value(boxOf(node), "width") / 2;
    const levels = () => drawing().dataset.levels.split(" ").map(Number);
    const levelOf = (row) => levels()[row] ?? levels().at(-1) + 1;
    const offsetOf = (x) => {
      const { middle, span } = drawing().dataset;
      const steps = Math.round(((x - middle) / span) * (100 / STEP));
      return Math.max(-BORDER, Math.min(BORDER, steps * STEP));
    };

    const rowAt = (y) => {
      const centres = [];
      for (const node of drawing().querySelectorAll(".pgp-node")) {
        centres[node.dataset.row] = value(boxOf(node), "y") + value(boxOf(node), "height") / 2;
      }
      centres.push(centres.at(-1) + 2 * value(boxOf(drawing()), "height"));
      const far = centres.map((centre) => Math.abs(centre - y));
      return far.indexOf(Math.min(...far));
    };

    const fill = (id, { level, offset }) => {
      for (const field of document.querySelectorAll('input[name^="tasks-"][name$="-id"]')) {
        if (field.value !== id) continue;
        for (const [name, text] of Object.entries({ level: level ?? "", offset })) {
          const other = document.getElementsByName(field.name.replace(/id$/, name))[0];
          if (other) other.value = text;
        }
      }
    };

    const redraw = (markup, id, focused) => {
      const holder = document.createElement("template");
      holder.innerHTML = markup;
      drawing().replaceWith(holder.content.firstElementChild);
      if (focused) drawing().querySelector(`.pgp-node[data-id="${CSS.escape(id)}"]`)?.focus();
    };

    const save = async (id, level, offset, focused) => {
      const back = () => drawing().querySelectorAll(".pgp-node[transform]").forEach((node) => node.removeAttribute("transform"));
      const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
      try {
        const answer = await fetch(root.dataset.arrange, {
          method: "POST",
          headers: { "X-CSRFToken": token },
          body: new URLSearchParams({ task: id, level: level ?? "", offset }),
        });
        const known = answer.headers.get("Content-Type")?.startsWith("application/json");
        const { svg, said: sentence, before, after, error } = known ? await answer.json() : {};
        said.textContent = sentence ?? error ?? root.dataset.failed;
        if (!svg) return back();
        redraw(svg, id, focused);
        fill(id, after);
        last = { id, ...before };
        undo.hidden = false;
      } catch {
        said.textContent = root.dataset.failed;
        back();
      }
    };

    const arrange = (on) => {
      root.classList.toggle("pgp-arranging", on);
      toggle.setAttribute("aria-pressed", on);
      how.hidden = !on;
    };
    const arranging = () => root.classList.contains("pgp-arranging");
    const nodeOf = (event) => arranging() && event.target instanceof Element && event.target.closest(".pgp-node");

    const place = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing().getScreenCTM().inverse());

    frame.addEventListener("pointerdown", (event) => {
      const node = nodeOf(event);
      if (!node || event.button) return;
      event.preventDefault();
      node.focus();
      dragged = { node, from: place(event), moved: false };
    });

    document.addEventListener("pointermove", (event) => {
      if (!dragged) return;
      const to = place(event);
      const [x, y] = [to.x - dragged.from.x, to.y - dragged.from.y];
      dragged.moved ||= Math.hypot(x, y) > SLACK;
      if (dragged.moved) dragged.node.setAttribute("transform", `translate(${x} ${y})`);
    });

    document.addEventListener("pointerup", (event) => {
      if (!dragged) return;
      const { node, from, moved } = dragged;
      dragged = undefined;
      if (!moved) return;
      const to = place(event);
      const box = boxOf(node);
      const row = rowAt(value(box, "y") + value(box, "height") / 2 + to.y - from.y);
      save(node.dataset.id, levelOf(row), `${offsetOf(middleOf(node) + to.x - from.x)}%`, true);
    });

    document.addEventListener("pointercancel", () => {
      dragged?.node.removeAttribute("transform");
      dragged = undefined;
    });

    const KEYS = { ArrowLeft: [0, -STEP], ArrowRight: [0, STEP], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !arranging()) return;
      arrange(false);
      toggle.focus();
    });

    frame.addEventListener("keydown", (event) => {
      const node = nodeOf(event);
      if (!node) return;
      const { id } = node.dataset;
      if (event.key === "Delete" || event.key === "Backspace") {
        event.preventDefault();
        save(id, null, "", true);
      } else if (event.key in KEYS) {
        event.preventDefault();
        if (pending?.id !== id) pending = { id, row: Number(node.dataset.row), offset: offsetOf(middleOf(node)) };
        const [down, right] = KEYS[event.key];
        pending.row = Math.max(0, Math.min(levels().length, pending.row + down));
        pending.offset = Math.max(-BORDER, Math.min(BORDER, pending.offset + right));
        said.textContent = `${levelOf(pending.row)}, ${pending.offset}%`;
        clearTimeout(timer);
        timer = setTimeout(() => {
          const { row, offset } = pending;
          pending = undefined;
          save(id, levelOf(row), `${offset}%`, true);
        }, PAUSE);
      }
    });

    for (const name of ["click", "dragstart"]) {
      frame.addEventListener(name, (event) => nodeOf(event) && event.preventDefault(), true);
    }
    toggle.addEventListener("click", () => arrange(!arranging()));
    undo.addEventListener("click", () => {
      const { id, level, offset } = last;
      save(id, level, offset, false);
    });
    toggle.hidden = false;
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", setUp);
  else setUp();
})();
