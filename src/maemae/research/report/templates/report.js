(() => {
  const sessions = JSON.parse(document.getElementById("sessions").textContent);
  const chart = document.getElementById("chart");
  const cross = chart.querySelector(".cross");
  const tip = chart.querySelector(".tip");
  const nearest = (percent) => {
    let low = 0;
    let high = sessions.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (sessions[middle][0] < percent) low = middle;
      else high = middle;
    }
    return percent - sessions[low][0] < sessions[high][0] - percent ? low : high;
  };
  const show = (event) => {
    const plot = chart.querySelector(".plot").getBoundingClientRect();
    const percent = ((event.clientX - plot.left) / plot.width) * 100;
    const [at, day, ...values] = sessions[nearest(Math.min(100, Math.max(0, percent)))];
    cross.hidden = tip.hidden = false;
    cross.firstElementChild.style.left = `${at}%`;
    tip.querySelector("b").textContent = day;
    tip.querySelectorAll("dd").forEach((cell, n) => { cell.textContent = values[n]; });
    const x = (plot.width * at) / 100;
    const room = x + tip.offsetWidth + 16 < plot.width;
    tip.style.left = `${Math.max(0, room ? x + 12 : x - tip.offsetWidth - 12)}px`;
  };
  const hide = () => { cross.hidden = tip.hidden = true; };
  chart.addEventListener("pointermove", show);
  chart.addEventListener("pointerdown", show);
  chart.addEventListener("pointerleave", hide);

  const tabs = document.getElementById("tabs");
  const choose = (chosen) => {
    for (const tab of tabs.children) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !isChosen;
    }
  };
  if (tabs) {
    tabs.addEventListener("click", (event) => {
      const tab = event.target.closest("button");
      if (tab) choose(tab);
    });
    tabs.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const all = [...tabs.children];
      const next = step && all[all.indexOf(document.activeElement) + step];
      if (next) { choose(next); next.focus(); }
    });
  }

  const table = document.getElementById("trades");
  if (!table) return;
  const value = (row, column) => row.cells[column].dataset.v;
  const order = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    const difference = Number(a) - Number(b);
    return Number.isNaN(difference) ? a.localeCompare(b, "ko") : difference;
  };
  table.tHead.addEventListener("click", (event) => {
    const head = event.target.closest("th");
    if (!head) return;
    const sign = head.getAttribute("aria-sort") === "descending" ? 1 : -1;
    for (const one of table.tHead.rows[0].cells) one.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    const rows = [...table.tBodies[0].rows];
    const column = head.cellIndex;
    rows.sort((a, b) => sign * order(value(a, column), value(b, column)));
    table.tBodies[0].append(...rows);
  });
})();
