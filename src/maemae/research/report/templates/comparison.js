(() => {
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
