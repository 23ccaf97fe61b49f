// How numbers, spans of time and dates are written. They are the formats of the command.

const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1], ["ms", 1e-3], ["us", 1e-6], ["ns", 1e-9]];

// span gives virtual time in its two largest neighbouring units: 3 d 4 h.
export function span(seconds) {
  if (seconds < 0) return "–";
  if (seconds === 0) return "0 s";
  // Whole nanoseconds, without the noise of binary fractions.
  let left = Math.round(seconds * 1e9);
  const parts = [];
  let first = -1;
  for (const [i, [name, size]] of units.entries()) {
    const d = Math.round(size * 1e9);
    const n = Math.floor(left / d);
    if (n === 0) continue;
    if (first < 0) first = i;
    if (i >= first + 2) break;
    parts.push(`${n} ${name}`);
    left -= n * d;
  }
  return parts.join(" ") || "0 s";
}

// roundSpans are the distances in seconds between two ticks of an axis of spans.
export const roundSpans = [
  ...Array.from({ length: 9 }, (_, i) => [1, 2, 5].map((k) => k * 10 ** (i - 9))).flat(),
  ...[1, 2, 5, 10, 15, 30], ...[1, 2, 5, 10, 15, 30].map((k) => k * 60), ...[1, 2, 3, 6, 12].map((k) => k * 3600),
  ...Array.from({ length: 5 }, (_, i) => [1, 2, 5].map((k) => k * 10 ** i * 86400)).flat(),
];

// wall gives a measured duration with three significant digits.
export function wall(seconds) {
  if (seconds <= 0) return "–";
  if (seconds >= 120) return span(Math.floor(seconds));
  if (seconds >= 0.9995) return digits3(seconds) + " s";
  if (seconds >= 0.9995e-3) return digits3(seconds * 1e3) + " ms";
  return digits3(seconds * 1e6) + " us";
}

function digits3(f) {
  return f >= 99.95 ? f.toFixed(0) : f >= 9.995 ? f.toFixed(1) : f.toFixed(2);
}

// significant is digits3 without zeros at the end.
function significant(f) { return String(Number(0 < f && f < 0.1 ? f.toPrecision(2) : digits3(f))); }

// count gives a whole number with a comma between the thousands.
export function count(n) { return n.toLocaleString("en-US"); }

export function bytes(n) {
  if (n >= 999.5e6) return significant(n / 1e9) + " GB";
  if (n >= 999.5e3) return significant(n / 1e6) + " MB";
  if (n >= 999.5) return significant(n / 1e3) + " kB";
  return n === 1 ? "1 byte" : n + " bytes";
}

// speed says how many times faster than real time something runs.
export function speed(ratio) {
  if (!(ratio > 0)) return "–";
  if (ratio >= 999.5e6) return significant(ratio / 1e9) + " billion ×";
  if (ratio >= 999.5e3) return significant(ratio / 1e6) + " million ×";
  if (ratio >= 9995) return significant(ratio / 1e3) + " thousand ×";
  return significant(ratio) + "×";
}

// value shortens a recorded value: its first six digits, or the begin of a text.
export function value(text) {
  const f = Number(text);
  if (text === "" || Number.isNaN(f)) return text.length > 24 ? text.slice(0, 23) + "…" : text;
  if (!Number.isFinite(f)) return text;
  const a = Math.abs(f);
  return String(a !== 0 && (a >= 1e7 || a < 1e-4) ? f.toExponential(4) : Number(f.toPrecision(6)));
}

const dates = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", weekday: "short", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });

// date gives a date in UTC: Mon 2026-06-01 05:15:00.
export function date(unix) {
  const p = Object.fromEntries(dates.formatToParts(new Date(unix * 1e3)).map((x) => [x.type, x.value]));
  return `${p.weekday} ${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second} UTC`;
}
