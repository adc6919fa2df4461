// What a little script adds: a switch of the theme, keys in a trajectory, sorting and filtering of tables that
// no server sorts. Every page is whole without it.
"use strict";
(function () {
  const root = document.documentElement;
  const themes = ["auto", "light", "dark"];

  function remembered() {
    try { return localStorage.getItem("theme") || "auto"; } catch { return "auto"; }
  }
  function apply(theme) {
    if (theme === "auto") root.removeAttribute("data-theme"); else root.setAttribute("data-theme", theme);
    try { localStorage.setItem("theme", theme); } catch { /* no memory: the theme holds for this page */ }
  }
  let theme = themes.includes(remembered()) ? remembered() : "auto";
  apply(theme);

  function themeSwitch() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain theme";
    const say = () => {
      button.textContent = "◐ " + theme;
      button.setAttribute("aria-label", "Theme: " + theme);
    };
    button.addEventListener("click", () => {
      theme = themes[(themes.indexOf(theme) + 1) % themes.length];
      apply(theme);
      say();
    });
    say();
    document.querySelector(".top-in").append(button);
  }

  function turnKeys() {
    const turns = Array.from(document.querySelectorAll(".turn"));
    if (!turns.length) return;
    const chosen = () => turns.findIndex((turn) => "#" + turn.id === location.hash);
    document.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.target.closest("input, select, textarea, [contenteditable]")) return;
      const way = { j: 1, n: 1, k: -1, p: -1 }[event.key];
      const rel = { "[": "prev", "]": "next" }[event.key];
      if (way) {
        const at = chosen();
        const next = at < 0 ? 0 : Math.min(Math.max(at + way, 0), turns.length - 1);
        location.hash = turns[next].id;
        turns[next].focus({ preventScroll: true });
      } else if (rel) {
        const link = document.querySelector("a[rel=" + rel + "]");
        if (link) link.click();
      }
    });
  }

  function cellValue(row, column) {
    const cell = row.cells[column];
    const value = cell.dataset.value === undefined ? cell.textContent.trim() : cell.dataset.value;
    const number = Number(value);
    return value === "" ? Infinity : Number.isNaN(number) ? value.toLowerCase() : number;
  }
  function sortBy(table, heading, column) {
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = Array.from(table.tBodies[0].rows);
    const compare = (a, b) => typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1;
    rows.sort((a, b) => (down ? -1 : 1) * compare(cellValue(a, column), cellValue(b, column)));
    table.tBodies[0].append(...rows);
  }
  function sortable(table) {
    for (const [column, heading] of Array.from(table.tHead.rows[0].cells).entries()) {
      if (heading.dataset.sort === undefined) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "arrow";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sortBy(table, heading, column));
      heading.replaceChildren(button);
    }
  }
  function filterable(table) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    label.className = "grow";
    input.type = "search";
    label.append("Show rows that hold", input);
    input.addEventListener("input", () => {
      const wanted = input.value.toLowerCase();
      for (const row of table.tBodies[0].rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
    const form = document.createElement("div");
    form.className = "filter";
    form.append(label);
    table.closest(".scroll").before(form);
  }

  document.addEventListener("DOMContentLoaded", () => {
    themeSwitch();
    turnKeys();
    for (const table of document.querySelectorAll("table[data-sortable]")) {
      sortable(table);
      filterable(table);
    }
  });
})();
