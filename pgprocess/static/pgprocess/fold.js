/* Escape folds up what is unfolded around the focus. */
document.addEventListener("keydown", (event) => {
  "use strict";
  const open = event.key === "Escape" && event.target instanceof Element && event.target.closest("details[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
