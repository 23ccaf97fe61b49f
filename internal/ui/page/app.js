// The page: what the server tells of the run, and buttons that act on it.

import { $, make, say } from "./dom.js";
import { Charts } from "./charts.js";
import { Topology } from "./topology.js";
import { Sequence } from "./sequence.js";
import * as text from "./text.js";

const mostChosen = 8;
const paces = [[0, "as fast as possible"], [1, "1× (real time)"], [10, "10×"], [60, "60× (1 min/s)"], [600, "600× (10 min/s)"], [3600, "3600× (1 h/s)"], [86400, "86400× (1 d/s)"]];
const ended = ["done", "failed", "stopped"];

const get = async (path) => {
  const r = await fetch(path);
  if (!r.ok) throw new Error(await r.text());
  return r.json();
};

let about, state = { phase: "starting" }, stream, charts, topology;
const sequence = new Sequence();
let chosen = []; // series
let lost = false; // the connection
let trouble = ""; // with the chosen series, which cannot all be read

function notice(message, calm = false) {
  const p = $("notice");
  p.hidden = !message;
  p.classList.toggle("calm", calm);
  say(p, message);
}

// begin waits until the run has begun, and builds what depends on it.
async function begin() {
  about = await get("api/about");
  while (about.live && (about.simulators.length === 0 || about.series === 0) && !ended.includes(state.phase)) {
    show(await get("api/state"));
    await new Promise((done) => setTimeout(done, 250));
    about = await get("api/about");
    if (about.simulators.length > 0 && state.phase !== "starting" && state.steps > 0) break; // nothing is recorded
  }
  document.title = `${about.name} · simrun`;
  say($("name"), about.name);
  say($("folder"), about.folder);
  $("controls").hidden = !about.live;
  $("datefact").hidden = about.start_unix === undefined;
  $("topology").hidden = about.simulators.length === 0;
  charts = new Charts(about, remove);
  topology = new Topology(about);
  topology.layout();
  await search();
  await choose(remembered() ?? (await suggested()));
}

// suggested chooses the first of each kind of series.
async function suggested() {
  const { series } = await get("api/series");
  const kind = (s) => s.name.replace(/[0-9]+(\]?)(?=\.)/, "*$1");
  const seen = new Set();
  return series.filter((s) => !seen.has(kind(s)) && seen.add(kind(s))).slice(0, 4);
}

// The choice stays when the page is loaded again.
function remembered() {
  try {
    const kept = JSON.parse(sessionStorage.getItem("chosen"));
    return kept && kept.folder === about.folder ? kept.series : undefined;
  } catch { return undefined; }
}

function choose(series) {
  chosen = series.slice(0, mostChosen);
  sessionStorage.setItem("chosen", JSON.stringify({ folder: about.folder, series: chosen.map(({ id, name, unit, event }) => ({ id, name, unit, event })) }));
  charts.choose(chosen);
  for (const box of $("series").querySelectorAll("input")) {
    box.checked = chosen.some((s) => s.id === Number(box.value));
    box.disabled = !box.checked && chosen.length >= mostChosen;
  }
  listen();
}

const remove = (id) => choose(chosen.filter((s) => s.id !== id));

// search lists the series that match.
let searching = 0;
async function search() {
  const turn = ++searching;
  const { series, count } = await get("api/series?q=" + encodeURIComponent($("search").value.trim()));
  if (turn !== searching) return; // somebody has typed on
  say($("found"), count > series.length ? `${text.count(count)} found, the first ${series.length} below` : `${text.count(count)} found`);
  $("series").replaceChildren(...series.map((s) => {
    const box = make("input", { type: "checkbox", value: s.id });
    box.checked = chosen.some((c) => c.id === s.id);
    box.disabled = !box.checked && chosen.length >= mostChosen;
    box.addEventListener("change", () => choose(box.checked ? [...chosen, s] : chosen.filter((c) => c.id !== s.id)));
    return make("li", {}, make("label", {}, box, make("span", { class: "name" }, s.name), make("span", { class: "quiet" }, s.unit === "1" ? "" : s.unit)));
  }));
}

// listen follows the run.
function listen() {
  stream?.close();
  let lines = true; // the first are all that there are
  if (trouble) notice(trouble = "");
  stream = new EventSource("api/events?series=" + chosen.map((s) => s.id).join(","));
  const on = (name, do_) => stream.addEventListener(name, (e) => do_(JSON.parse(e.data)));
  on("state", show);
  on("points", (points) => charts.take(points));
  on("messages", (messages) => sequence.take(messages));
  on("lines", (more) => { log(more, lines); lines = false; });
  on("trouble", (message) => notice(trouble = message));
  on("over", () => stream.close());
  stream.onopen = () => { if (lost) notice(""); lost = false; sequence.messages.length = 0; };
  stream.onerror = () => {
    if (ended.includes(state.phase)) { stream.close(); return; }
    lost = true;
    notice("The connection to simrun is lost. The page tries again; if the run has ended, its results are in " + about.folder + ".");
  };
}

// show shows the state of the run.
function show(s) {
  const before = state.phase;
  state = s;
  const over = ended.includes(s.phase);
  document.body.dataset.phase = s.phase;
  say($("phase"), s.phase);
  const percent = s.until_seconds > 0 ? Math.min(100, (100 * s.reached_seconds) / s.until_seconds) : 0;
  $("fill").style.width = percent + "%";
  $("bar").setAttribute("aria-valuenow", Math.floor(percent));
  $("bar").setAttribute("aria-valuetext", `${text.span(s.reached_seconds)} of ${text.span(s.until_seconds)}`);
  say($("reached"), text.span(s.reached_seconds));
  $("reached").dataset.seconds = s.reached_seconds;
  say($("until"), `${text.span(s.until_seconds)} (${Math.floor(percent)}%)`);
  if (about?.start_unix !== undefined) say($("date"), text.date(about.start_unix + s.reached_seconds));
  say($("speed"), text.speed(s.speed));
  $("lagfact").hidden = !(s.pace > 0) || over;
  say($("lag"), s.lag_seconds >= 1e-3 ? text.wall(s.lag_seconds) : "less than 1 ms");
  say($("left"), s.left_seconds >= 1 ? text.span(Math.floor(s.left_seconds)) : "–");
  // Of a run that was killed only what it has written is known.
  say($("wall"), over && s.wall_seconds === 0 ? "–" : text.wall(s.wall_seconds));
  say($("steps"), over && s.steps === 0 ? "–" : text.count(s.steps));
  $("profile").hidden = over && s.simulators.length === 0;
  say($("rows"), text.count(s.rows));
  say($("pause"), s.phase === "paused" ? "Continue" : "Pause");
  for (const id of ["pause", "step", "stop", "pace"]) $(id).disabled = over || s.phase === "starting";
  showPace(s.pace);
  if (over && before !== s.phase) {
    notice(trouble || s.error || (about?.live && s.phase === "done" ? `The run is complete. simrun ui ${about.folder} shows it again.` : ""), s.phase !== "failed" && !trouble);
    $("controls").hidden = true;
  }
  say($("bottleneck"), s.bottleneck || (over ? "" : "Nothing to tell yet."));
  showCosts(s);
  topology?.take(s.drawn);
}

function showPace(pace) {
  const select = $("pace");
  if (document.activeElement === select) return;
  if (select.options.length === 0 || ![...select.options].some((o) => Number(o.value) === pace)) {
    const all = [...paces];
    if (!all.some(([p]) => p === pace)) all.push([pace, `${pace}×`]);
    all.sort((a, b) => a[0] - b[0]);
    select.replaceChildren(...all.map(([p, name]) => make("option", { value: p }, name)));
  }
  select.value = String(pace);
}

// showCosts fills the table; rows stay where they are, so that they can be read.
const rows = new Map();
function showCosts(s) {
  const body = $("costs");
  const names = s.simulators.map((x) => x.name);
  for (const [name, row] of rows) if (!names.includes(name)) { row.tr.remove(); rows.delete(name); }
  for (const x of s.simulators) {
    let row = rows.get(x.name);
    if (!row) {
      const badge = make("span", { class: "state" }), fill = make("i");
      const cell = () => make("td", { class: "n" });
      row = { badge, fill, n: [cell(), cell()], more: [cell(), cell(), cell(), cell(), cell(), cell(), cell()], waits: make("td") };
      row.tr = make("tr", { "data-sim": x.name }, make("td", { class: "name" }, x.name), make("td", {}, badge), ...row.n, make("td", {}, make("span", { class: "meter" }, fill)), ...row.more, row.waits);
      rows.set(x.name, row);
      body.append(row.tr);
    }
    row.badge.dataset.state = x.state;
    const at = x.at_seconds === undefined ? "" : ` ${text.span(x.at_seconds)}`;
    say(row.badge, { waiting: `waits for ${x.for}`, stepping: `stepping${x.since_seconds >= 1 ? ` for ${text.wall(x.since_seconds)}` : ""}${x.for ? `, asks ${x.for}` : ""}`, held: `next:${at}` }[x.state] ?? x.state);
    row.n[0].dataset.steps = x.steps;
    const dash = (n, f) => (n > 0 ? f(n) : "–");
    [text.count(x.steps), dash(x.own_seconds, text.wall)].forEach((t, i) => say(row.n[i], t));
    row.fill.style.width = (s.wall_seconds > 0 ? Math.min(100, (100 * (x.own_seconds + x.messaging_seconds)) / s.wall_seconds) : 0) + "%";
    [dash(x.waiting_seconds, text.wall), dash(x.messaging_seconds, text.wall), text.span(x.step_seconds), text.span(x.asked_seconds),
      dash(x.early_steps, text.count), dash(x.messages, text.count), dash(x.bytes, text.bytes)].forEach((t, i) => say(row.more[i], t));
    say(row.waits, x.waits_for === "-" ? "–" : x.waits_for);
  }
  say($("more"), s.more_simulators > 0 ? `The ${s.simulators.length} simulators that have taken the most time; ${text.count(s.more_simulators)} more are not listed.` : "");
  const known = ["setting up", "stepping", "waiting", "held", "idle", "done", "stopped", "failed"];
  const legend = $("counts");
  const present = known.filter((k) => s.count[k]);
  if (legend.dataset.kinds !== present.join()) {
    legend.dataset.kinds = present.join();
    legend.replaceChildren(...present.map((k) => make("span", { class: "state", "data-state": k })));
  }
  present.forEach((k, i) => say(legend.children[i], `${s.count[k]} ${k}`));
}

function log(lines, afresh) {
  const list = $("lines");
  if (afresh) list.replaceChildren();
  $("nolines").hidden = true;
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 30;
  list.append(...lines.map((l) => make("li", {}, make("time", {}, l.at_seconds < 0 ? "" : text.span(l.at_seconds)), make("span", { class: "from" }, l.from), make("span", { class: "text" }, l.text))));
  while (list.children.length > 500) list.firstChild.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
}

async function act(action) {
  try {
    const r = await fetch("api/act", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(action) });
    if (!r.ok) { notice((await r.text()).trim()); return; }
    notice("");
    const s = await r.json();
    if (!ended.includes(state.phase)) show(s); // the end of the run may have come before this answer
  } catch { notice("simrun does not answer any more."); }
}

const pauseOrResume = () => act({ do: state.phase === "paused" ? "resume" : "pause" });
$("pause").addEventListener("click", pauseOrResume);
$("step").addEventListener("click", () => act({ do: "step" }));
$("pace").addEventListener("change", (e) => { e.target.blur(); act({ do: "pace", pace: Number(e.target.value) }); });
$("stop").addEventListener("click", () => {
  if (confirm("End the run? Its results so far are kept, marked as incomplete.")) act({ do: "stop" });
});
$("search").addEventListener("input", () => search());
addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|SELECT|BUTTON|TEXTAREA|A)$/.test(e.target.tagName)) return;
  const buttons = { " ": $("pause"), ".": $("step") };
  if (e.key === "/") $("search").focus();
  else if (buttons[e.key] && about?.live && !buttons[e.key].disabled) buttons[e.key].click();
  else return;
  e.preventDefault();
});

begin().catch((e) => notice(String(e.message ?? e)));
