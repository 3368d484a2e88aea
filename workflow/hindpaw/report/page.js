"use strict";
// Everything here is an extra: without it the page shows the same words, tables and figures.
const sheets = JSON.parse(document.getElementById("sheets").textContent);
const points = JSON.parse(document.getElementById("points").textContent);

// A link to a row that is folded away opens what it is folded into.
function unfold() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = target && target.parentElement; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
  if (target) target.scrollIntoView({ block: "center" });
}
addEventListener("hashchange", unfold);
unfold();

// Tables sort by the number after the words that all cells of a column share, or by their text.
const NUMBER = /^([^\d.−-]*?)([−-]?(?:\d+\.?\d*|\.\d+))(?:×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?/;
const power = (signs) => Number([...(signs || "⁰")].map((sign) => (sign === "⁻" ? "-" : "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(sign))).join(""));
function numbers(texts) {
  const said = texts.map((text) => text.replace(/^t\([^)]*\) |^F\([^)]*\) /, "").match(NUMBER));
  const alike = new Set(said.filter(Boolean).map((found) => found[1].replace(/[=<>≤≥]/g, "").trim()));
  const known = texts.filter((text) => text && !/^(p )?not estimated|^open/.test(text)).length;
  if (alike.size > 1 || said.filter(Boolean).length < known || !known) return null;
  return said.map((found) => (found ? Number(found[2].replace("−", "-")) * 10 ** power(found[3]) : null));
}
function sort(table, column, head) {
  const body = table.tBodies[0], rows = [...body.rows];
  const up = head.getAttribute("aria-sort") !== "ascending", sign = up ? 1 : -1;
  const texts = rows.map((row) => row.cells[column].textContent.trim()), values = numbers(texts);
  const order = rows.map((_, place) => place).sort((a, b) => {
    const [x, y] = values ? [values[a], values[b]] : [texts[a] || null, texts[b] || null];
    if (x === null || y === null) return (x === null) - (y === null) || a - b;
    return sign * (values ? x - y : x.localeCompare(y, "en", { numeric: true })) || a - b;
  });
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  body.append(...order.map((place) => rows[place]));
}
for (const table of document.querySelectorAll("table.sorts")) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => sort(table, column, head));
  });
}

// Each table downloads as CSV; its text was made harmless for spreadsheets when the page was written.
for (const place of document.querySelectorAll("[data-sheet]")) {
  const sheet = sheets[place.dataset.sheet], button = document.createElement("button");
  button.type = "button";
  button.className = "download";
  button.textContent = "CSV";
  button.setAttribute("aria-label", `Download as CSV: ${place.dataset.of}`);
  button.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", sheet.text], { type: "text/csv;charset=utf-8" }));
    link.download = sheet.name;
    link.click();
    URL.revokeObjectURL(link.href);
  });
  place.append(button);
}

// Points of a figure tell their animal and source cell: the nearest to the pointer, or one after another by key.
for (const plot of document.querySelectorAll("[data-points]")) {
  const { width, height, told } = points[plot.dataset.points];
  const ring = document.createElement("span"), tip = document.createElement("span");
  ring.className = "ring";
  tip.className = "tip";
  tip.setAttribute("role", "status");
  ring.hidden = true;
  plot.append(ring, tip);
  tip.hidden = true;
  let current = -1;
  function show(place) {
    current = place;
    ring.hidden = tip.hidden = place < 0;
    if (place < 0) return;
    const [x, y, words] = told[place];
    ring.style.left = `${(100 * x) / width}%`;
    ring.style.top = `${(100 * y) / height}%`;
    tip.textContent = words;
    const right = x > width / 2, low = y > height / 2;
    tip.style.left = right ? "" : `calc(${(100 * x) / width}% + 12px)`;
    tip.style.right = right ? `calc(${100 - (100 * x) / width}% + 12px)` : "";
    tip.style.top = low ? "" : `calc(${(100 * y) / height}% + 12px)`;
    tip.style.bottom = low ? `calc(${100 - (100 * y) / height}% + 12px)` : "";
  }
  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect(), scale = width / box.width;
    const x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale;
    let best = -1, least = 144;
    told.forEach(([px, py], place) => {
      const far = (px - x) ** 2 + (py - y) ** 2;
      if (far < least) [best, least] = [place, far];
    });
    show(best);
  });
  plot.addEventListener("pointerleave", () => show(-1));
  plot.addEventListener("blur", () => show(-1));
  plot.addEventListener("keydown", (event) => {
    const last = told.length - 1;
    const next = { ArrowRight: current + 1, ArrowDown: current + 1, ArrowLeft: current < 0 ? last : current - 1, ArrowUp: current < 0 ? last : current - 1, Home: 0, End: last, Escape: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    show(event.key === "Escape" ? -1 : Math.max(0, Math.min(last, next)));
  });
}
