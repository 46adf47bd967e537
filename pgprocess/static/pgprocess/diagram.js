/* A diagram beyond being read: shows where the node under the pointer or the focus comes from and leads to, and can be
   seen in its own size or as a whole. */
(() => {
  "use strict";

  const walk = (edges, id, from, to, kin) => {
    for (const ahead = [id]; ahead.length; ) {
      const here = ahead.pop();
      for (const edge of edges) {
        if (edge.dataset[from] !== here || kin.has(edge)) continue;
        kin.add(edge);
        ahead.push(edge.dataset[to]);
      }
    }
  };

  const release = (diagram) => {
    diagram.classList.remove("pgp-traced");
    for (const element of diagram.querySelectorAll(".pgp-kin")) element.classList.remove("pgp-kin");
  };

  const trace = (node) => {
    const diagram = node.closest(".pgp-diagram");
    release(diagram);
    const edges = [...diagram.querySelectorAll(".pgp-edge")];
    const kin = new Set();
    walk(edges, node.dataset.id, "parent", "child", kin);
    walk(edges, node.dataset.id, "child", "parent", kin);
    const ids = new Set([node.dataset.id]);
    for (const edge of kin) ids.add(edge.dataset.parent).add(edge.dataset.child);
    for (const other of diagram.querySelectorAll(".pgp-node")) {
      if (ids.has(other.dataset.id)) kin.add(other);
    }
    for (const element of kin) element.classList.add("pgp-kin");
    diagram.classList.add("pgp-traced");
  };

  const nodeOf = (event) => event.target instanceof Element && event.target.closest(".pgp-diagram .pgp-node");

  for (const [enter, leave] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
    document.addEventListener(enter, (event) => {
      const node = nodeOf(event);
      if (node) trace(node);
    });
    document.addEventListener(leave, (event) => {
      const node = nodeOf(event);
      if (node && !node.contains(event.relatedTarget)) release(node.closest(".pgp-diagram"));
    });
  }

  const centre = (frame) => { frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2; };

  const offerSizes = (frame) => {
    const zoom = frame.parentElement.querySelector(":scope > .pgp-zoom");
    const drawing = frame.querySelector(":scope > svg");
    if (!zoom || !drawing || drawing.viewBox.baseVal.width < 1.2 * frame.clientWidth) return;
    const actual = zoom.querySelector("input");
    actual.checked = frame.scrollWidth > frame.clientWidth;
    actual.addEventListener("change", () => {
      frame.classList.toggle("pgp-actual", actual.checked);
      frame.classList.toggle("pgp-shrunk", !actual.checked);
      centre(frame);
    });
    zoom.hidden = false;
  };

  const setUp = () => {
    for (const frame of document.querySelectorAll(".pgp-frame")) {
      centre(frame);
      offerSizes(frame);
    }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", setUp);
  else setUp();
})();
