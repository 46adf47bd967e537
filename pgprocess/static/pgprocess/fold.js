/* Escape folds up the details that are unfolded around the focus. */
document.addEventListener("keydown", (event) => {
  "use strict";
  const details = event.key === "Escape" && event.target instanceof Element && event.target.closest("details[open]");
  if (!details) return;
  details.open = false;
  details.querySelector("summary").focus();
});
