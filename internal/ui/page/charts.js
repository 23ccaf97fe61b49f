// The charts: one for each unit, with all chosen series of that unit.

import { $, make, say, color } from "./dom.js";
import * as text from "./text.js";

const stepped = uPlot.paths.stepped({ align: 1 });
const sync = uPlot.sync("values");

// dates labels times in UTC: of days the month and the day, of parts of a day the time; below
// it what has changed since the label before.
function dates(_, all, __, ___, step) {
  let before = "";
  return all.map((t) => {
    const iso = new Date(t * 1e3).toISOString();
    const [fine, coarse] = step >= 86400 ? [iso.slice(5, 10), iso.slice(0, 4)] : [iso.slice(11, step < 60 ? 19 : 16), iso.slice(5, 10)];
    const changed = coarse !== before;
    before = coarse;
    return changed ? `${fine}\n${coarse}` : fine;
  });
}

// join makes one table of several of times and values, with as many rows for a time as the
// table that has the most: a series may have several values at one time.
export function join(tables) {
  const times = [], values = tables.map(() => []), at = tables.map(() => 0);
  for (;;) {
    let t = Infinity;
    for (const [k, [ts]] of tables.entries()) if (at[k] < ts.length) t = Math.min(t, ts[at[k]]);
    if (t === Infinity) return [times, ...values];
    times.push(t);
    for (const [k, [ts, vs]] of tables.entries()) values[k].push(ts[at[k]] === t ? vs[at[k]++] : undefined);
  }
}

export class Charts {
  constructor(about, onRemove) {
    this.about = about;
    this.onRemove = onRemove;
    this.chosen = []; // {id, name, unit, event, t, v, latest, at, since, color}
    this.charts = [];
    this.dirty = false;
    const redo = () => { this.build(); };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redo);
    new ResizeObserver(() => this.resize()).observe($("charts"));
  }

  // choose sets which series are shown; what is known of those that were is kept.
  choose(series) {
    this.chosen = series.map((s) => this.chosen.find((c) => c.id === s.id) ?? { ...s, t: [], v: [], latest: "", at: 0, since: 0 });
    const free = [0, 1, 2, 3, 4, 5, 6, 7].filter((c) => !this.chosen.some((s) => s.color === c));
    for (const s of this.chosen) s.color ??= free.shift();
    this.build();
  }

  // take takes in what has come.
  take(points) {
    for (const p of points) {
      const s = this.chosen.find((c) => c.id === p.id);
      if (!s) continue;
      s.t.length = s.v.length = p.keep;
      for (const t of p.t) s.t.push(t);
      for (const v of p.v) s.v.push(v);
      Object.assign(s, { latest: p.latest, at: p.at_seconds, since: p.since_seconds });
    }
    if (!this.dirty) {
      this.dirty = true;
      requestAnimationFrame(() => { this.dirty = false; this.update(); });
    }
  }

  build() {
    for (const c of this.charts) c.plot.destroy();
    $("nothing").hidden = this.chosen.length > 0;
    const by = Map.groupBy(this.chosen, (s) => (s.unit === "1" ? "" : s.unit));
    this.charts = [...by].map(([unit, series]) => this.chart(unit, series));
    $("charts").replaceChildren(...this.charts.map((c) => c.element));
    for (const c of this.charts) c.plot.root.setAttribute("aria-hidden", "true");
    this.resize();
    this.update();
  }

  chart(unit, series) {
    const chips = series.map((s) => {
      const latest = make("b", { "data-series": s.name });
      const since = make("span", { class: "quiet since" });
      const remove = make("button", { type: "button", "aria-label": `Do not show ${s.name}`, title: "Do not show it" }, "×");
      remove.addEventListener("click", () => this.onRemove(s.id));
      const swatch = make("span", { class: "swatch" });
      swatch.style.background = color("--c" + s.color);
      return { s, latest, since, element: make("li", {}, swatch, make("span", { class: "name" }, s.name), latest, since, remove) };
    });
    const place = make("div", { class: "plot" }), readout = make("p", { class: "readout quiet" });
    const element = make("div", { class: "chart", role: "group", "aria-label": unit || "without unit" }, make("ul", { class: "chips" }, ...chips.map((c) => c.element)), place, readout);
    const start = this.about.start_unix;
    const axis = { stroke: color("--quiet"), grid: { stroke: color("--grid"), width: 1 }, ticks: { stroke: color("--line"), width: 1 }, font: "12px system-ui, sans-serif" };
    const chart = { element, series, chips, zoomed: false };
    chart.plot = new uPlot({
      width: 400, height: 190,
      tzDate: (ts) => uPlot.tzDate(new Date(ts * 1e3), "Etc/UTC"),
      cursor: { sync: { key: sync.key }, points: { size: 6 }, drag: { x: true, y: false } },
      legend: { show: false },
      hooks: {
        // New values must not undo what somebody looks at.
        setSelect: [(u) => { if (u.select.width > 0) chart.zoomed = true; }],
        setScale: [(u, key) => { if (key === "x") Object.assign(element.dataset, { from: u.scales.x.min, to: u.scales.x.max }); }],
        setCursor: [(u) => say(readout, this.values(u, series))],
        ready: [(u) => u.over.addEventListener("dblclick", () => { chart.zoomed = false; })],
      },
      scales: { x: { time: start !== undefined } },
      axes: [
        { ...axis, ...(start === undefined ? { space: 80, incrs: text.roundSpans, values: (_, all) => all.map(text.span) } : { space: 60, values: dates }) },
        { ...axis, label: unit, labelSize: unit ? 20 : 0, labelFont: "12px system-ui, sans-serif", size: 58, values: (_, all) => all.map((v) => text.value(String(v))) },
      ],
      series: [{}, ...series.map((s) => ({
        label: s.name, stroke: color("--c" + s.color), width: 1.6, spanGaps: true,
        ...(s.event ? { paths: () => null, points: { show: true, size: 5, fill: color("--c" + s.color) } } : { paths: stepped, points: { show: false } }),
      }))],
    }, [[0], ...series.map(() => [null])], place);
    return chart;
  }

  // values says what the series are where the pointer is: a value is valid until the next.
  values(u, series) {
    const at = u.cursor.idx;
    if (at === null || at === undefined || u.cursor.left < 0) return "";
    const t = u.data[0][at];
    const parts = series.map((s, k) => {
      let i = at;
      while (!s.event && i > 0 && (u.data[k + 1][i] ?? null) === null) i--;
      const v = u.data[k + 1][i] ?? null;
      return v === null ? "" : `${s.name} ${text.value(String(v))}`;
    });
    return `${this.about.start_unix === undefined ? text.span(t) : text.date(t)}: ${parts.filter(Boolean).join(", ")}`;
  }

  update() {
    const start = this.about.start_unix ?? 0;
    for (const c of this.charts) {
      const tables = c.series.map((s) => [start === 0 ? s.t : s.t.map((t) => start + t), s.v]);
      c.plot.setData(tables.length === 1 ? tables[0] : join(tables), !c.zoomed);
      if (c.zoomed) c.plot.redraw();
      for (const { s, latest, since } of c.chips) {
        say(latest, s.latest === "" ? "–" : text.value(s.latest) + (s.unit && s.unit !== "1" ? " " + s.unit : ""));
        latest.dataset.value = s.latest;
        latest.dataset.at = s.at;
        latest.title = s.latest === "" ? "no value yet" : `${s.latest} at ${text.span(s.at)}`;
        say(since, s.since > 0 ? `(from ${text.span(s.since)} on)` : "");
      }
    }
  }

  resize() {
    const width = $("charts").clientWidth;
    const height = innerWidth < 680 ? 170 : [300, 300, 215][this.charts.length] ?? 180;
    for (const c of this.charts) if (width > 0 && (c.plot.width !== width || c.plot.height !== height)) c.plot.setSize({ width, height });
  }
}
