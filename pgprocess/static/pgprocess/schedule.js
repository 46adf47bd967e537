/* While somebody writes a schedule, the server says what it means, once typing pauses, and never an older answer last. */
(() => {
  "use strict";

  const NAMES = ["minute", "hour", "day_of_month", "month", "day_of_week", "timezone"];
  const PAUSE = 300; // milliseconds between the last key and asking

  const setUp = () => {
    const region = document.querySelector(".pgp-preview");
    const fields = NAMES.map((name) => document.getElementById(`id_${name}`));
    if (!region || fields.includes(null)) return;
    fields[0].closest("fieldset")?.append(region);
    let timer, asking;

    const ask = async () => {
      asking?.abort();
      asking = new AbortController();
      const written = new URLSearchParams(NAMES.map((name, index) => [name, fields[index].value]));
      try {
        const answer = await fetch(`${region.dataset.url}?${written}`, { signal: asking.signal });
        if (!answer.ok || answer.redirected) return;
        region.innerHTML = await answer.text();
        region.hidden = false;
      } catch (error) {
        if (error.name !== "AbortError") region.hidden = true;
      }
    };

    for (const field of fields) {
      field.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(ask, PAUSE);
      });
    }
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", setUp);
  else setUp();
})();
