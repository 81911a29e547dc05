// Keeps the page equal to the spreadsheet: asks every second and repaints the cells that changed.
"use strict";

const POLL_MS = 1000;
const FRESH_MS = 6000;
const ROWS_AT_ONCE = 120;
const SPARE_ROWS = 12;
const SPARE_COLUMNS = 2;
const COLUMN_WIDTH = 100;

const byId = (id) => document.getElementById(id);
const [view, grid, tabsBar] = [byId("view"), byId("grid"), byId("tabs")];

const known = new Map(); // sheet id → {revision, cells: Map("row:column" → cell), scroll}
let revision = 0;
let outlines = [];
let current = Number(location.hash.replace("#gid=", "")) || null;
let painted = null; // what the grid was last built from
let chosen = null;
let hung = null; // the charts as they were last drawn
let asking = false;

const letters = (column) => {
  let text = "";
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    text = String.fromCharCode(65 + ((rest - 1) % 26)) + text;
  }
  return text;
};

const outline = () => outlines.find((tab) => tab.id === current);
const keyOf = (row, column) => `${row}:${column}`;
const widthOf = (tab, column) => tab.widths[column] ?? COLUMN_WIDTH;
const ROW_HEIGHT = 23;
const SLIM = 12; // a row so low holds nothing to read
const numberWidth = () => (window.innerWidth <= 640 ? 34 : 46);

function shape(tab) {
  let columns = Math.min(tab.columns, tab.usedColumns + SPARE_COLUMNS);
  let width = numberWidth();
  for (let column = 0; column < columns; column++) width += widthOf(tab, column);
  for (; columns < tab.columns && width < window.innerWidth; columns++) width += widthOf(tab, columns);
  const rows = Math.min(tab.rows, Math.max(tab.usedRows + SPARE_ROWS, 40));
  let frozenColumns = Math.min(tab.frozenColumns, columns);
  let frozenWidth = 0;
  for (let column = 0; column < frozenColumns; column++) frozenWidth += widthOf(tab, column);
  if (frozenWidth > window.innerWidth * 0.55) frozenColumns = 0;
  return { id: tab.id, rows, columns, frozenRows: Math.min(tab.frozenRows, rows), frozenColumns, widths: tab.widths, heights: tab.heights };
}

async function ask() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    const tab = known.get(current);
    const query = new URLSearchParams({ since: revision, tab_since: tab ? tab.revision : 0 });
    if (current !== null) query.set("tab", current);
    const response = await fetch(`${document.body.dataset.state}?${query}`, { cache: "no-store" });
    if (!response.ok) throw new Error(response.status);
    take(await response.json());
    showLink(true);
  } catch (error) {
    showLink(false);
  } finally {
    asking = false;
  }
}

function showLink(alive) {
  const link = byId("link");
  link.classList.toggle("lost", !alive);
  link.textContent = alive ? "на связи" : "нет связи";
}

function take(state) {
  if (state.revision < revision) known.clear(); // the server began anew
  outlines = state.tabs;
  if (current === null || !outline()) current = state.tab;
  showHead(state);
  showTabs(revision > 0);
  revision = state.revision;
  if (state.tab !== current) return;

  const first = !known.has(current) || state.whole;
  const tab = first ? { cells: new Map(), scroll: known.get(current)?.scroll ?? [0, 0] } : known.get(current);
  const before = first ? known.get(current)?.cells : null;
  tab.revision = state.revision;
  if (state.charts) tab.charts = state.charts;
  known.set(current, tab);
  const touched = [];
  for (const [row, column, text, style, formula = "", note = ""] of state.cells) {
    const cell = { text, css: state.styles[style], formula, note };
    const key = keyOf(row, column);
    const old = (before ?? tab.cells).get(key);
    if (text || cell.css || note) tab.cells.set(key, cell);
    else tab.cells.delete(key);
    if ((!first || before) && (old?.text ?? "") !== text) touched.push(key);
    else if (!first) touched.push(`${key}:quiet`);
  }
  paint(tab, touched);
}

function showHead(state) {
  if (byId("title").textContent !== state.title) {
    byId("title").textContent = document.title = state.title;
  }
  byId("saved").textContent = `Последнее изменение: ${state.saved}`;
  byId("saved").title = state.author;
  const lines = state.status.map(([label, text]) => {
    const [card, name, value] = ["div", "b", "span"].map((tag) => document.createElement(tag));
    name.textContent = label;
    value.textContent = value.title = text;
    card.append(name, value);
    return card;
  });
  const now = JSON.stringify(state.status);
  if (byId("status").dataset.lines !== now) {
    byId("status").dataset.lines = now;
    byId("status").replaceChildren(...lines);
  }
}

function showTabs(mark) {
  const fresh = new Set([...tabsBar.querySelectorAll(".fresh")].map((button) => Number(button.dataset.id)));
  const now = JSON.stringify(outlines.map((tab) => [tab.id, tab.title]));
  if (tabsBar.dataset.tabs !== now) {
    tabsBar.dataset.tabs = now;
    tabsBar.replaceChildren(...outlines.map((tab) => {
      const button = document.createElement("button");
      button.dataset.id = tab.id;
      button.textContent = tab.title;
      button.addEventListener("click", () => open(tab.id));
      return button;
    }));
  }
  for (const button of tabsBar.children) {
    const tab = outlines.find((one) => one.id === Number(button.dataset.id));
    const isCurrent = tab.id === current;
    button.toggleAttribute("aria-current", isCurrent);
    button.classList.toggle("fresh", !isCurrent && (fresh.has(tab.id) || (mark && tab.changed)));
  }
}

function open(id) {
  if (known.has(current)) known.get(current).scroll = [view.scrollLeft, view.scrollTop];
  current = id;
  chosen = painted = null;
  history.replaceState(null, "", `#gid=${id}`);
  showTabs(false);
  tabsBar.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (known.has(id)) paint(known.get(id), []);
  else clear();
  ask();
}

function clear() {
  grid.replaceChildren();
  byId("charts").replaceChildren();
  hung = null;
}

function paint(tab, touched) {
  const wanted = shape(outline());
  if (painted === null || JSON.stringify(painted.shape) !== JSON.stringify(wanted)) {
    const place = painted && painted.shape.id === wanted.id ? [view.scrollLeft, view.scrollTop] : tab.scroll;
    build(tab, wanted);
    fill(place[1]);
    view.scrollTo(...place);
  }
  const rows = new Set();
  for (const key of touched) {
    const [row, column, quiet] = key.split(":");
    rows.add(Number(row));
    if (!quiet) flash(tab, Number(row), Number(column));
  }
  for (const row of rows) repaint(tab, row);
  hang(tab);
  choose(...(chosen ?? [0, 0]));
}

function flash(tab, row, column) {
  const cell = tab.cells.get(keyOf(row, column)) ?? { text: "", css: "", formula: "", note: "" };
  cell.until = performance.now() + FRESH_MS;
  tab.cells.set(keyOf(row, column), cell);
}

function build(tab, wanted) {
  const columns = document.createElement("colgroup");
  const widths = [numberWidth()];
  for (let column = 0; column < wanted.columns; column++) widths.push(widthOf(wanted, column));
  for (const width of widths) {
    const col = document.createElement("col");
    col.style.width = `${width}px`;
    columns.append(col);
  }
  const [head, body] = [document.createElement("thead"), document.createElement("tbody")];
  const names = document.createElement("tr");
  names.append(document.createElement("th"));
  for (let column = 0; column < wanted.columns; column++) {
    const name = document.createElement("th");
    name.textContent = letters(column);
    names.append(name);
  }
  head.append(names);
  painted = { shape: wanted, lines: new Map(), body, next: wanted.frozenRows };
  for (let row = 0; row < wanted.frozenRows; row++) head.append(line(tab, row));
  if (wanted.frozenRows) head.lastChild.classList.add("edge");
  grid.style.width = `${widths.reduce((sum, width) => sum + width, 0)}px`;
  grid.replaceChildren(columns, head, body);
}

// Rows are made as they come near the window, so a long tab opens at once.
function fill(reach = view.scrollTop) {
  if (!painted || !known.has(current)) return;
  const { shape: wanted, body } = painted;
  while (painted.next < wanted.rows && grid.offsetHeight < reach + view.clientHeight * 2) {
    const rows = document.createDocumentFragment();
    const end = Math.min(painted.next + ROWS_AT_ONCE, wanted.rows);
    for (; painted.next < end; painted.next++) rows.append(line(known.get(current), painted.next));
    body.append(rows);
  }
}

function line(tab, row) {
  const element = document.createElement("tr");
  const name = document.createElement("th");
  const height = painted.shape.heights[row] ?? ROW_HEIGHT;
  name.textContent = row + 1;
  element.classList.toggle("slim", height < SLIM);
  if (height > ROW_HEIGHT) element.style.height = `${height}px`;
  element.append(name);
  for (let column = 0; column < painted.shape.columns; column++) {
    const cell = document.createElement("td");
    cell.append(document.createElement("div"));
    element.append(cell);
  }
  painted.lines.set(row, element);
  repaint(tab, row);
  return element;
}

function repaint(tab, row) {
  const element = painted.lines.get(row);
  if (!element) return;
  const { columns, frozenColumns } = painted.shape;
  let left = numberWidth();
  for (let column = 0; column < columns; column++) {
    const td = element.children[column + 1];
    const cell = tab.cells.get(keyOf(row, column));
    td.style.cssText = cell?.css ?? "";
    td.firstChild.textContent = cell?.text ?? "";
    td.title = cell?.note ?? "";
    td.classList.toggle("noted", Boolean(cell?.note));
    if (column < frozenColumns) {
      td.classList.add("frozen");
      td.classList.toggle("edge", column === frozenColumns - 1);
      td.style.left = `${left}px`;
      left += widthOf(painted.shape, column);
    }
    spill(tab, td, row, column, cell);
    mark(td, cell);
  }
}

// A long text runs on over its empty neighbours, up to the first one that holds something.
function spill(tab, td, row, column, cell) {
  const isText = cell?.text && !/pre-wrap|text-align:(right|center)/.test(cell.css ?? "");
  let end = column + 1;
  while (isText && end < painted.shape.columns && !tab.cells.get(keyOf(row, end))?.text) end++;
  td.classList.toggle("spill", end > column + 1);
  let width = -9;
  for (let one = column; one < end; one++) width += widthOf(painted.shape, one);
  td.firstChild.style.width = end > column + 1 ? `${width}px` : "";
}

// Charts hang from their cells, whose rows may be higher than usual.
function hang(tab) {
  const charts = tab.charts ?? [];
  const places = charts.map((chart) => {
    let left = numberWidth() + chart.left;
    for (let column = 0; column < chart.column; column++) left += widthOf(painted.shape, column);
    const element = painted.lines.get(chart.row);
    const top = element ? element.offsetTop : grid.offsetHeight + (chart.row - painted.next) * ROW_HEIGHT;
    return { left, top: top + chart.top, svg: chart.svg };
  });
  const now = JSON.stringify(places);
  if (hung === now) return;
  hung = now;
  byId("charts").replaceChildren(...places.map(({ left, top, svg }) => {
    const element = document.createElement("div");
    element.style.cssText = `left:${left}px;top:${top}px`;
    element.innerHTML = svg;
    return element;
  }));
}

function mark(td, cell) {
  const left = (cell?.until ?? 0) - performance.now();
  td.classList.toggle("fresh", left > 0);
  if (left <= 0) return;
  td.style.animationDelay = `${left - FRESH_MS}ms`;
  setTimeout(() => td.classList.toggle("fresh", (cell.until ?? 0) > performance.now()), left + 50);
}

function choose(row, column) {
  grid.querySelector(".chosen")?.classList.remove("chosen");
  painted.lines.get(row)?.children[column + 1]?.classList.add("chosen");
  const cell = known.get(current).cells.get(keyOf(row, column));
  byId("place").textContent = letters(column) + (row + 1);
  byId("content").textContent = cell ? cell.formula || cell.text : "";
  chosen = [row, column];
}

grid.addEventListener("click", (event) => {
  const td = event.target.closest("td");
  if (td) choose(Number(td.parentNode.firstChild.textContent) - 1, td.cellIndex - 1);
});
view.addEventListener("scroll", () => fill(), { passive: true });
window.addEventListener("resize", () => { if (known.has(current)) paint(known.get(current), []); });
document.addEventListener("visibilitychange", ask);

ask();
setInterval(ask, POLL_MS);
