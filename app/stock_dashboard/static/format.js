// Numbers and days as people read them, in the visitor's own language.

const prices = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const changes = new Intl.NumberFormat(undefined, {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
  signDisplay: "exceptZero",
});
const days = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const shortDays = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
const times = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export const price = (number) => prices.format(number);
export const day = (iso) => days.format(new Date(iso));
export const shortDay = (iso) => shortDays.format(new Date(iso));
export const time = (iso) => times.format(new Date(iso));

// Which way it went is said three times: by a sign, by an arrow and by colour.
export const direction = (number) => (number > 0 ? "up" : number < 0 ? "down" : "none");
export const percent = (number) => {
  const arrow = { up: "▲", down: "▼", none: "●" }[direction(number)];
  return `${changes.format(number)} % ${arrow}`;
};
