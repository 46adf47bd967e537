/* A field for code: Tab indents, Escape and then Tab leaves, and the numbers beside it keep up with the lines. */
(() => {
  "use strict";

  const INDENT = "    ";
  const SPARE = 400; // numbers beyond the last line
  const FEWEST = 12; // lines that a field shows
  let leaving = false;

  const grow = (field) => {
    const lines = field.value.split("\n").length;
    field.rows = Math.max(lines + 1, FEWEST);
    const gutter = field.previousElementSibling;
    if (gutter && gutter.textContent.split("\n").length < lines + 20) {
      gutter.textContent = Array.from({ length: lines + SPARE }, (_, index) => index + 1).join("\n");
    }
  };

  const isCode = (target) => target instanceof HTMLTextAreaElement && target.classList.contains("pgp-source");

  document.addEventListener("input", (event) => {
    if (isCode(event.target)) grow(event.target);
  });

  document.addEventListener("keydown", (event) => {
    if (!isCode(event.target)) return;
    if (event.key === "Escape") {
      leaving = true;
    } else if (event.key === "Tab" && !event.shiftKey && !leaving && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      const { selectionStart, selectionEnd } = event.target;
      event.target.setRangeText(INDENT, selectionStart, selectionEnd, "end");
      grow(event.target);
    } else if (event.key !== "Shift") {
      leaving = false;
    }
  });
})();
