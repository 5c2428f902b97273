// A line of prices as SVG. Pointer and arrow keys walk along it; to a screen reader it is a slider over days.

import * as format from "./format.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { top: 12, right: 8, bottom: 28, left: 52 };

const element = (name, attributes, text) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
};

// Round numbers from below the least to above the most, four steps or so.
export const ticks = (least, most) => {
  const span = most - least || Math.abs(most) / 50 || 1;
  const magnitude = 10 ** Math.floor(Math.log10(span / 4));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((size) => span / size <= 5);
  const first = Math.floor(least / step);
  const last = Math.max(Math.ceil(most / step), first + 1);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
};

// Draws closes ({day, price}, oldest first) into a holder, and tells what the cursor is on.
export class Chart {
  #holder;
  #tell;
  #closes = [];
  #label = "";
  #at = null;
  #scale = null;

  constructor(holder, tell) {
    this.#holder = holder;
    this.#tell = tell;
    new ResizeObserver(() => this.#draw()).observe(holder);
    holder.addEventListener("pointermove", (event) => this.#point(event));
    holder.addEventListener("pointerdown", (event) => this.#point(event));
    holder.addEventListener("pointerleave", () => document.activeElement !== holder && this.#walk(null));
    holder.addEventListener("blur", () => this.#walk(null));
    holder.addEventListener("keydown", (event) => this.#key(event));
  }

  show(closes, label) {
    if (label !== this.#label || closes.length !== this.#closes.length) this.#at = null;
    this.#closes = closes;
    this.#label = label;
    this.#holder.dataset.state = "ready";
    this.#holder.tabIndex = 0;
    this.#holder.setAttribute("role", "slider");
    this.#holder.setAttribute("aria-label", `${label}, closing prices by day`);
    this.#holder.setAttribute("aria-valuemin", 0);
    this.#holder.setAttribute("aria-valuemax", closes.length - 1);
    this.#draw();
  }

  // A sentence in place of a chart.
  say(state, sentence) {
    this.#closes = [];
    this.#at = null;
    this.#holder.dataset.state = state;
    for (const name of ["tabindex", "role", "aria-label", "aria-valuemin", "aria-valuemax", "aria-valuenow", "aria-valuetext"])
      this.#holder.removeAttribute(name);
    const paragraph = document.createElement("p");
    paragraph.textContent = sentence;
    this.#holder.replaceChildren(paragraph);
    this.#tell(null);
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#holder;
    if (!this.#closes.length || !width) return;
    const values = this.#closes.map((close) => close.price);
    const lines = ticks(Math.min(...values), Math.max(...values));
    const [low, high] = [lines[0], lines.at(-1)];
    const x = (index) =>
      MARGIN.left + (index * (width - MARGIN.left - MARGIN.right)) / Math.max(this.#closes.length - 1, 1);
    const y = (value) => MARGIN.top + ((high - value) * (height - MARGIN.top - MARGIN.bottom)) / (high - low);
    this.#scale = { x, y, width, height };

    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    for (const line of lines) {
      svg.append(element("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(line), y2: y(line) }));
      svg.append(element("text", { x: MARGIN.left - 8, y: y(line) + 4, "text-anchor": "end" }, format.price(line)));
    }
    this.#labelDays(svg, x, width, height);
    const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(" L");
    const ground = y(low).toFixed(1);
    svg.append(element("path", { class: "area", d: `M${x(0)},${ground} L${points} L${x(values.length - 1)},${ground} Z` }));
    svg.append(element("path", { class: "price-line", d: `M${points}` }));
    if (values.length === 1) svg.append(element("circle", { class: "dot", cx: x(0), cy: y(values[0]), r: 5 }));
    svg.append(element("g", { class: "at" }));
    this.#holder.replaceChildren(svg);
    this.#walk(this.#at);
  }

  #labelDays(svg, x, width, height) {
    const count = Math.min(this.#closes.length, Math.max(2, Math.floor(width / 130)));
    for (let label = 0; label < count; label += 1) {
      const index = count === 1 ? 0 : Math.round((label * (this.#closes.length - 1)) / (count - 1));
      const anchor = label === 0 ? "start" : label === count - 1 ? "end" : "middle";
      const text = format.shortDay(this.#closes[index].day);
      svg.append(element("text", { x: x(index), y: height - 8, "text-anchor": anchor }, text));
    }
  }

  // Puts the cursor on a close, or takes it away.
  #walk(index) {
    this.#at = index;
    const group = this.#holder.querySelector(".at");
    if (!group) return;
    const close = this.#closes[index ?? this.#closes.length - 1];
    this.#holder.setAttribute("aria-valuenow", index ?? this.#closes.length - 1);
    this.#holder.setAttribute("aria-valuetext", `${format.day(close.day)}: ${format.price(close.price)}`);
    group.replaceChildren();
    this.#tell(index === null ? null : close);
    if (index === null) return;
    const { x, y, height } = this.#scale;
    const line = { x1: x(index), x2: x(index), y1: MARGIN.top, y2: height - MARGIN.bottom };
    group.append(element("line", { class: "cursor", ...line }));
    group.append(element("circle", { class: "dot", cx: x(index), cy: y(close.price), r: 5 }));
  }

  #point(event) {
    if (!this.#closes.length) return;
    const { left, width } = this.#holder.getBoundingClientRect();
    const share = (event.clientX - left - MARGIN.left) / (width - MARGIN.left - MARGIN.right);
    const last = this.#closes.length - 1;
    this.#walk(Math.min(Math.max(Math.round(share * last), 0), last));
  }

  #key(event) {
    if (!this.#closes.length) return;
    const last = this.#closes.length - 1;
    const from = this.#at ?? last;
    const to = {
      ArrowLeft: from - 1,
      ArrowDown: from - 1,
      ArrowRight: from + 1,
      ArrowUp: from + 1,
      PageDown: from - 10,
      PageUp: from + 10,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#walk(Math.min(Math.max(to, 0), last));
  }
}
