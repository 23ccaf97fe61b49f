// The picture of who is connected to whom: simulators in rows, sources above those that
// read them.

import { $, draw, make, say } from "./dom.js";

const W = 136, H = 58, GAPX = 16, GAPY = 52;

export class Topology {
  constructor(about) {
    this.about = about;
    this.nodes = new Map();
    this.columns = 0;
    new ResizeObserver(() => this.layout()).observe($("graph"));
  }

  // layers gives each simulator a row: below all that it reads without a shift.
  layers() {
    const n = this.about.simulators.length;
    const straight = this.about.links.filter((l) => l.from !== l.to && !l.weak && l.shift_seconds === 0);
    const layer = new Array(n).fill(0);
    // Without weak and shifted ones there are no cycles, so n rounds are enough.
    for (let i = 0, changed = true; changed && i < n; i++) {
      changed = false;
      for (const l of straight) if (layer[l.to] <= layer[l.from]) { layer[l.to] = layer[l.from] + 1; changed = true; }
    }
    return layer;
  }

  layout() {
    const width = $("graph").clientWidth;
    const columns = Math.max(1, Math.floor((width + GAPX) / (W + GAPX)));
    if (width === 0 || columns === this.columns) return;
    this.columns = columns;
    const { rows, place, full } = this.place(columns);
    const height = rows * (H + GAPY) - GAPY + 8;
    const svg = draw("svg", { viewBox: `0 0 ${full} ${height}`, role: "img", "aria-label": "Simulators and their connections" });
    svg.style.maxWidth = full + "px";
    svg.append(draw("defs", {}, draw("marker", { id: "head", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" }, draw("path", { d: "M0 0 8 4 0 8z", class: "head" }))));
    for (const l of this.about.links) if (l.from !== l.to) svg.append(this.link(l, place));
    this.nodes.clear();
    this.about.simulators.forEach((s, i) => svg.append(this.node(s, place[i])));
    $("graph").replaceChildren(svg);
    if (this.about.more_simulators > 0) $("graph").append(make("p", { class: "quiet" }, `and ${this.about.more_simulators} more, which are not drawn`));
    if (this.last) this.take(this.last);
  }

  // place puts the simulators into rows. A connection that passes rows by gets a narrow place
  // in each of them, unless there are more simulators than fit into a row.
  place(columns) {
    const sims = this.about.simulators.map((_, i) => ({ sim: i, width: W, above: [] }));
    const layer = this.layers();
    const rows = Array.from({ length: Math.max(0, ...layer) + 1 }, () => []);
    sims.forEach((s, i) => rows[layer[i]].push(s));
    const wrapped = rows.some((r) => r.length > columns);
    this.via = new Map();
    for (const l of this.about.links) {
      if (layer[l.to] <= layer[l.from]) continue;
      let last = sims[l.from];
      const via = [];
      for (let k = layer[l.from] + 1; k < layer[l.to] && !wrapped; k++) {
        last = { width: 8, above: [last] };
        via.push(last);
        rows[k].push(last);
      }
      sims[l.to].above.push(last);
      this.via.set(l, via);
    }
    const lines = [];
    for (const row of rows) {
      for (const s of row) s.wish = s.above.length ? s.above.reduce((sum, a) => sum + a.x, 0) / s.above.length : 0;
      row.sort((a, b) => a.wish - b.wish);
      let x = 0;
      for (const s of row) { s.x = x + s.width / 2; x += s.width + GAPX; }
      row.forEach((s) => { s.x -= (x - GAPX) / 2; }); // in the middle
      for (let i = 0; i < row.length; i += wrapped ? columns : Infinity) lines.push(wrapped ? row.slice(i, i + columns) : row);
    }
    if (wrapped) for (const line of lines) line.forEach((s, i) => { s.x = (i - (line.length - 1) / 2) * (W + GAPX); });
    lines.forEach((line, y) => line.forEach((s) => { s.y = 4 + y * (H + GAPY); }));
    const all = lines.flat();
    const left = Math.min(...all.map((s) => s.x - s.width / 2)), right = Math.max(...all.map((s) => s.x + s.width / 2));
    for (const s of all) s.x += 22 - left - s.width / 2; // from the middle to the left end
    return { rows: lines.length, full: right - left + 44, place: sims };
  }

  link(l, place) {
    const a = place[l.from], b = place[l.to];
    const kind = ["link", l.shift_seconds > 0 ? "shifted" : "", l.weak ? "weak" : ""].join(" ").trim();
    const x1 = a.x + W / 2, x2 = b.x + W / 2;
    let d;
    if (b.y > a.y) {
      d = `M${x1} ${a.y + H}`;
      let x = x1, y = a.y + H;
      for (const v of [...this.via.get(l) ?? [], null]) {
        const nx = v ? v.x + v.width / 2 : x2, ny = v ? v.y : b.y - 1, bend = Math.max(16, (ny - y) / 2);
        d += `C${x} ${y + bend} ${nx} ${ny - bend} ${nx} ${ny}`;
        if (v) d += `V${v.y + H}`;
        x = nx; y = v ? v.y + H : ny;
      }
    } else if (b.y === a.y) {
      const y = a.y + H, low = y + 26;
      d = `M${x1} ${y}C${x1} ${low} ${x2} ${low} ${x2} ${y + 1}`;
    } else { // back to an earlier row: round the side
      const side = x1 + x2 >= (place.reduce((s, p) => s + p.x + W / 2, 0) / place.length) * 2 ? 1 : -1;
      const s1 = side > 0 ? a.x + W : a.x, s2 = side > 0 ? b.x + W + 1 : b.x - 1, out = side * 16;
      d = `M${s1} ${a.y + H / 2}C${s1 + out} ${a.y + H / 2} ${s2 + out} ${b.y + H / 2} ${s2} ${b.y + H / 2}`;
    }
    const names = this.about.simulators;
    const title = `${names[l.from].name} → ${names[l.to].name}: ${l.connections} ${l.connections === 1 ? "connection" : "connections"}` +
      (l.shift_seconds > 0 ? `, seen ${l.shift_seconds} s later` : "") + (l.weak ? ", weak" : "");
    return draw("path", { d, class: kind, "marker-end": "url(#head)" }, draw("title", {}, title));
  }

  node(s, p) {
    const short = (t, n) => (t.length > n ? t.slice(0, n - 1) + "…" : t);
    const now = draw("text", { x: 10, y: 50, class: "now" });
    const g = draw("g", { class: "node", transform: `translate(${p.x} ${p.y})` },
      draw("title", {}, `${s.name}: ${s.models.join(", ")}`),
      draw("rect", { width: W, height: H, rx: 9 }),
      draw("text", { x: 10, y: 19 }, short(s.name, 16)),
      draw("text", { x: 10, y: 34, class: "sub" }, short(s.models.join(", "), 20)), now);
    this.nodes.set(s.name, { g, now });
    return g;
  }

  // take colours the simulators by what they do.
  take(sims) {
    this.last = sims;
    for (const s of sims) {
      const node = this.nodes.get(s.name);
      if (!node) continue;
      node.g.dataset.state = s.state;
      const what = s.state === "waiting" ? `waits for ${s.for}` : s.state === "stepping" && s.for ? `asks ${s.for}` : s.state;
      say(node.now, what.length > 19 ? what.slice(0, 18) + "…" : what);
    }
  }
}
