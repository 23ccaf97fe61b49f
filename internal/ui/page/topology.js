// The picture of who is connected to whom: simulators in rows, sources above those that
// read them.

import { $, draw, make, say } from "./dom.js";

// The sizes of a box, the gaps between boxes, and the margins.
const W = 136, H = 58, GAPX = 16, GAPY = 52, SIDE = 24, TOP = 22;

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
    const height = TOP + rows * (H + GAPY) - GAPY + TOP;
    const svg = draw("svg", { viewBox: `0 0 ${full} ${height}`, role: "img", "aria-label": "Simulators and their connections" });
    svg.style.maxWidth = full + "px";
    svg.append(draw("defs", {}, draw("marker", { id: "head", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" }, draw("path", { d: "M0 0 8 4 0 8z", class: "head" }))));
    let back = 0;
    for (const l of this.about.links) if (l.from !== l.to) svg.append(this.link(l, place, full, place[l.to].y < place[l.from].y ? back++ : 0));
    this.nodes.clear();
    this.about.simulators.forEach((s, i) => svg.append(this.node(s, place[i])));
    $("graph").replaceChildren(svg);
    if (this.about.more_simulators > 0) $("graph").append(make("p", { class: "quiet" }, `and ${this.about.more_simulators} more, which are not drawn`));
    if (this.last) this.take(this.last);
  }

  // place puts the simulators into rows, a layer into several if it is wider than the page.
  // Connections that pass a row share a narrow place in it, those to one simulator, or those
  // from one if it has more.
  place(columns) {
    const sims = this.about.simulators.map(() => ({ width: W, above: [] }));
    const layers = [];
    this.layers().forEach((k, i) => (layers[k] ??= []).push(sims[i]));
    const rows = [];
    for (const layer of layers) {
      for (let i = 0; i < layer.length; i += columns) rows.push(layer.slice(i, i + columns));
    }
    rows.forEach((row, k) => row.forEach((s) => { s.row = k; }));
    this.via = new Map();
    const shared = new Map();
    const many = (end) => this.about.links.reduce((n, l) => n.set(l[end], (n.get(l[end]) ?? 0) + 1), new Map());
    const out = many("from"), into = many("to");
    for (const l of this.about.links) {
      const from = sims[l.from], to = sims[l.to];
      let last = from;
      const via = [];
      for (let k = from.row + 1; k < to.row; k++) {
        const key = into.get(l.to) < out.get(l.from) ? `${k} from ${l.from}` : `${k} to ${l.to}`;
        if (!shared.has(key)) {
          shared.set(key, { width: 8, above: [] });
          rows[k].push(shared.get(key));
        }
        shared.get(key).above.push(last);
        via.push(last = shared.get(key));
      }
      if (to.row > from.row) to.above.push(last);
      this.via.set(l, via);
    }
    rows.forEach((row, k) => {
      for (const s of row) s.wish = s.above.length ? s.above.reduce((sum, a) => sum + a.x, 0) / s.above.length : 0;
      row.sort((a, b) => a.wish - b.wish);
      let x = 0;
      for (const s of row) { s.x = x + s.width / 2; x += s.width + GAPX; }
      for (const s of row) { s.x -= (x - GAPX) / 2; s.y = TOP + k * (H + GAPY); } // in the middle
    });
    const all = rows.flat();
    const left = Math.min(...all.map((s) => s.x - s.width / 2)), right = Math.max(...all.map((s) => s.x + s.width / 2));
    for (const s of all) s.x += SIDE - left - s.width / 2; // from the middle to the left end
    return { rows: rows.length, full: right - left + 2 * SIDE, place: sims };
  }

  // link draws a connection. Those back to an earlier row go round the side of a picture of
  // this width; back is how many of them there were before.
  link(l, place, full, back) {
    const a = place[l.from], b = place[l.to];
    const kind = ["link", l.shift_seconds > 0 ? "shifted" : "", l.weak ? "weak" : ""].join(" ").trim();
    const x1 = a.x + W / 2, x2 = b.x + W / 2;
    let d;
    if (b.y > a.y) {
      d = `M${x1} ${a.y + H}`;
      let x = x1, y = a.y + H;
      for (const v of [...this.via.get(l), null]) {
        const nx = v ? v.x + v.width / 2 : x2, ny = v ? v.y : b.y - 1, bend = (ny - y) / 2;
        d += `C${x} ${y + bend} ${nx} ${ny - bend} ${nx} ${ny}`;
        if (v) d += `V${v.y + H}`;
        x = nx; y = v ? v.y + H : ny;
      }
    } else if (b.y === a.y) {
      const y = a.y + H, low = y + 26;
      d = `M${x1} ${y}C${x1} ${low} ${x2} ${low} ${x2} ${y + 1}`;
    } else { // below its box, up the side, and from above
      const side = x1 + x2 >= full ? 1 : -1, r = 6, apart = 4 * (back % 4);
      const far = side > 0 ? full - SIDE / 2 + apart - 4 : SIDE / 2 - apart + 4;
      const from = x1 + side * (W / 4), to = x2 + side * (W / 4), low = a.y + H + 12 + apart / 2, high = b.y - 10 - apart / 2;
      d = `M${from} ${a.y + H}V${low - r}Q${from} ${low} ${from + side * r} ${low}H${far - side * r}Q${far} ${low} ${far} ${low - r}` +
        `V${high + r}Q${far} ${high} ${far - side * r} ${high}H${to + side * r}Q${to} ${high} ${to} ${high + r}V${b.y - 1}`;
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
