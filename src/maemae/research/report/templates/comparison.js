"use strict";
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  document.getElementById("theme").addEventListener("click", () => {
    const now = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
  });
  document.getElementById("runs").addEventListener("click", (event) => {
    const key = event.target.closest("button");
    if (!key) return;
    const off = key.getAttribute("aria-pressed") === "true";
    key.setAttribute("aria-pressed", String(!off));
    for (const path of document.querySelectorAll(`path.${key.dataset.run}`)) {
      path.classList.toggle("off", off);
    }
  });
})();
