// The messages between agents, the newest below: a line of life for each agent, an arrow for
// each message.

import { $, draw } from "./dom.js";
import * as text from "./text.js";

const mostAgents = 12, mostMessages = 120, LEFT = 92, COLUMN = 112, ROW = 22, HEAD = 24;

export class Sequence {
  constructor() { this.messages = []; }

  take(messages) {
    $("messages").hidden = false; // many runs have no agents
    if (messages.some((m) => m.gap)) $("missed").hidden = false;
    this.messages.push(...messages);
    this.messages.splice(0, this.messages.length - 500);
    const box = $("sequence");
    if (!box.matches(":hover, :focus")) this.show(); // nobody wants to read what moves
  }

  show() {
    const shown = this.messages.slice(-mostMessages);
    const agents = [...new Set(shown.toReversed().flatMap((m) => [m.from, m.to]))].slice(0, mostAgents).sort();
    const x = (a) => LEFT + COLUMN / 2 + agents.indexOf(a) * COLUMN;
    const rows = shown.filter((m) => agents.includes(m.from) && agents.includes(m.to));
    const gaps = new Set(); // rows below a gap, wherever in what is left out between them it is
    let gap = false, next = 0;
    for (const m of shown) {
      gap ||= m.gap;
      if (m !== rows[next]) continue;
      if (gap && next > 0) gaps.add(next);
      gap = false;
      next++;
    }
    const width = LEFT + agents.length * COLUMN, height = (rows.length + gaps.size) * ROW + 16;
    const names = draw("svg", { width, height: HEAD, "aria-hidden": "true" });
    const svg = draw("svg", { width, height, role: "img", "aria-label": "The latest messages between agents" });
    svg.append(draw("defs", {}, draw("marker", { id: "tip", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, draw("path", { d: "M0 0 8 4 0 8z", class: "head" }))));
    for (const a of agents) {
      svg.append(draw("line", { x1: x(a), x2: x(a), y1: 0, y2: height, class: "life" }));
      names.append(draw("text", { x: x(a), y: 16, "text-anchor": "middle", class: "agent" }, a.length > 16 ? a.slice(0, 15) + "…" : a));
    }
    let before = "", y = 18 - ROW;
    rows.forEach((m, i) => {
      y += ROW;
      if (gaps.has(i)) {
        svg.append(draw("line", { x1: LEFT, x2: width, y1: y - 4, y2: y - 4, class: "gap" }, draw("title", {}, "some messages are not shown")));
        y += ROW;
      }
      const at = text.span(m.at_seconds);
      if (at !== before) svg.append(draw("text", { x: 0, y, class: "at" }, at));
      before = at;
      const kind = `arrow ${m.kind === "answer" ? "answer" : ""} ${m.fate === "lost" ? "lost" : ""}`;
      const title = draw("title", {}, `${m.from} → ${m.to}, round ${m.round}: ${m.text}${m.fate === "arrived" ? "" : ` (${m.fate})`}`);
      const x1 = x(m.from), x2 = x(m.to);
      const d = x1 === x2 ? `M${x1} ${y - 4}h18v7h-17` : `M${x1} ${y}H${x2 + (x2 > x1 ? -1 : 1)}`;
      const said = m.text === "null" ? "" : m.text; // an answer that only says that it is one
      const room = Math.max(12, Math.floor(Math.abs(x2 - x1) / 6.3));
      svg.append(draw("path", { d, class: kind, "marker-end": "url(#tip)" }, title),
        draw("text", { x: x1 === x2 ? x1 + 22 : (x1 + x2) / 2, y: y - 3, "text-anchor": x1 === x2 ? "start" : "middle", class: "at" }, said.length > room ? said.slice(0, room - 1) + "…" : said));
    });
    $("agents").replaceChildren(names);
    $("arrows").replaceChildren(svg);
    const box = $("sequence");
    box.scrollTop = box.scrollHeight;
  }
}
