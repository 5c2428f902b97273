// Loads the watch list and the selected symbol's closes, shows what state they are in, and loads them again.

import { Chart } from "./chart.js";
import * as format from "./format.js";

const SOON = 1000; // ms: something is on its way
const LATER = 60_000; // ms: all is here
const PATIENCE = 8000; // ms: the server answers from memory, so this long means that it is gone

const find = (id) => document.getElementById(id);
const rows = new Map([...find("watch-list").querySelectorAll("button")].map((row) => [row.dataset.symbol, row]));
const chart = new Chart(find("plot"), (close) => {
  find("point").textContent = close ? `${format.day(close.day)}: ${format.price(close.price)}` : "";
});

let selected = rows.has(location.hash.slice(1)) ? location.hash.slice(1) : rows.keys().next().value;
let shown = null; // the last history that arrived
let days = 63;
let timer = null;
let run = 0;

const load = async (path) => {
  const response = await fetch(path, { signal: AbortSignal.timeout(PATIENCE), cache: "no-store" });
  if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  return response.json();
};

// Sets a text only where it differs, so that a screen reader hears each sentence once.
const say = (target, text) => {
  if (target.textContent !== text) target.textContent = text;
};

const showNotice = (notice) => {
  const box = find("notice");
  box.hidden = !notice;
  box.dataset.kind = notice?.kind ?? "";
  say(box, notice?.message ?? "");
};

const showChange = (target, quote) => {
  const known = quote.state === "ready" && quote.change_percent !== null;
  say(target, known ? format.percent(quote.change_percent) : "");
  target.dataset.direction = known ? format.direction(quote.change) : "";
};

const showQuote = (quote) => {
  const row = rows.get(quote.symbol);
  if (!row) return;
  row.dataset.state = quote.state;
  row.title = quote.message ?? "";
  const words = { loading: "Loading", failed: "No price" };
  say(row.querySelector(".price"), words[quote.state] ?? format.price(quote.price));
  showChange(row.querySelector(".change"), quote);
};

const showUpdated = ({ source, quotes }) => {
  const last = quotes.map((quote) => quote.fetched_at).filter(Boolean).sort().at(-1);
  say(find("updated"), source === "sample" ? "Sample data" : last ? `Updated at ${format.time(last)}` : "");
};

const showHistory = () => {
  say(find("chart-title"), selected);
  for (const [symbol, row] of rows) {
    if (symbol === selected) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
  const history = shown?.symbol === selected ? shown : { state: "loading", closes: [] };
  const ready = history.state === "ready";
  say(find("price"), ready ? format.price(history.price) : "");
  showChange(find("change"), history);
  if (ready) chart.show(history.closes.slice(-days), selected);
  else if (history.state === "failed") chart.say("failed", history.message);
  else chart.say("loading", "Loading prices");
  say(find("state"), ready ? `Prices of ${selected} are shown` : history.message ?? "Loading prices");
  find("table").hidden = !ready;
  find("closes").replaceChildren(
    ...history.closes.toReversed().map(({ day, price }) => {
      const row = document.createElement("tr");
      row.insertCell().textContent = format.day(day);
      row.insertCell().textContent = format.price(price);
      return row;
    }),
  );
};

const refresh = async () => {
  clearTimeout(timer);
  run += 1;
  const mine = run;
  let wait = LATER;
  try {
    const [quotes, history] = await Promise.all([load("/api/quotes"), load(`/api/history/${selected}`)]);
    if (mine !== run) return; // another symbol was selected meanwhile
    shown = history;
    showNotice(quotes.notice);
    quotes.quotes.forEach(showQuote);
    showUpdated(quotes);
    showHistory();
    if (quotes.quotes.some((quote) => quote.state === "loading")) wait = SOON;
  } catch {
    if (mine !== run) return;
    showNotice({ kind: "unreachable", message: "The dashboard's server does not answer. It will be asked again." });
    wait = 5 * SOON;
  }
  timer = setTimeout(refresh, wait);
};

const select = (symbol) => {
  selected = symbol;
  history.replaceState(null, "", `#${symbol}`);
  showHistory();
  refresh();
};

for (const [symbol, row] of rows) row.addEventListener("click", () => select(symbol));

for (const button of find("ranges").children) {
  button.addEventListener("click", () => {
    for (const other of find("ranges").children) other.setAttribute("aria-pressed", String(other === button));
    days = Number(button.dataset.days);
    showHistory();
  });
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else refresh();
});

showHistory();
refresh();
