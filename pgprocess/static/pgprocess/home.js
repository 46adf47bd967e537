/* The home page follows what goes on, but not while its reader is using it. */
window.pgprocess.ready(() => {
  "use strict";
  const region = document.querySelector("[data-region]");
  if (!region || !region.dataset.region) return;
  window.pgprocess.watch({
    address: () => region.dataset.region,
    badge: document.querySelector("[data-badge]"),
    wait: 5000,
    changed: async (response) => {
      const html = await response.text();
      if (region.contains(document.activeElement)) return;
      region.innerHTML = html;
    },
  });
});
