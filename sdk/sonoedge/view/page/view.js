// The live page. A picture and its outlines come in one message and are drawn together;
// how old that message is, this page tells by its own clock, whatever the server says.
"use strict";

import { Cine } from "./cine.js";
import { Chart, counted, listed, set } from "./panel.js";
import { draw, explains } from "./picture.js";

const STALE_MS = 500;
const STATE_MS = 1000;
const $ = (id) => document.getElementById(id);

let shown = null;     // the message that is on the canvas
let live = null;      // the newest message, also while a picture is held
let waiting = null;   // received, to be drawn at the next animation frame
let liveAt = -Infinity; // performance.now() when the result of `live` came to be
let state = null;     // the newest state
let stateAt = -Infinity;
let lost = null;      // why the connection is closed
let held = false;
let explained = false;
let dirty = true;
const cine = new Cine();
const ages = new Chart("ages", "age", "age of results");
const latencies = new Chart("latencies", "latency", "on screen after");

const token = location.hash.slice(1);
const socket = new WebSocket(`ws://${location.host}/live`);
socket.binaryType = "arraybuffer";
socket.onopen = () => socket.send(token);
socket.onclose = (event) => { lost = event.reason || "the connection is closed"; tell(); };
socket.onmessage = (event) => {
  if (typeof event.data !== "string") { waiting = opened(event.data); return; }
  state = JSON.parse(event.data);
  stateAt = performance.now();
  counted(state);
};

// A message: the length of its header, the header, pixels, and the levels of its map.
function opened(data) {
  const length = new DataView(data).getUint32(0, true);
  const message = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  const size = message.width * message.height * message.channels;
  message.pixels = new Uint8Array(data, 4 + length, size);
  message.levels = new Uint8Array(data, 4 + length + size);
  message.bytes = data.byteLength;
  message.at = performance.now() - message.waited_ms;
  return message;
}

function frame() {
  if (waiting !== null) {
    live = waiting;
    liveAt = live.at;
    waiting = null;
    ages.add(live.outcome === "analysed" ? live.age_ms : null);
    if (live.drawn_ms !== null) latencies.add(live.drawn_ms);
    cine.add(live, held ? shown : null);
    if (!held) { shown = live; dirty = true; }
    tell();
    if (dirty) paint();
    if (socket.readyState === WebSocket.OPEN) socket.send("drawn");
  } else if (dirty) paint();
  requestAnimationFrame(frame);
}

// What the line at the top says, worst first.
function judged() {
  const now = performance.now();
  const since = now - liveAt;
  const heard = state !== null && now - stateAt < STATE_MS;
  if (lost !== null) return ["lost", "×", "LOST", lost];
  if (live === null) return ["wait", "", "WAITING", state ? why(state) || "for the first picture" : "for the session"];
  if (since > STALE_MS) {
    const rest = heard ? [state.source, why(state)].filter(Boolean).join("; ") : "no word from the session";
    return ["stale", "!", "STALE", `no new picture for ${(since / 1000).toFixed(1)} s${rest ? ": " + rest : ""}`];
  }
  if (live.outcome !== "analysed") return ["off", "///", "NOT ANALYSED", live.words];
  if (state && !(state.valid && heard)) return ["off", "///", "NOT VALID", why(state) || "the session does not vouch for it"];
  if (live.flag) return ["flag", "▲", "FLAG", live.words];
  if (live.suspicious) return ["look", "◆", "SUSPICIOUS", live.words];
  return ["good", "", "ANALYSED", live.words];
}

function why(s) {
  if (s.state === "READY") return "";
  const reasons = s.reasons.filter((reason) => reason.toUpperCase() !== s.state);
  return s.state + (reasons.length ? ": " + reasons.join(", ") : "");
}

function tell() {
  const [level, mark, headline, words] = judged();
  const old = level === "lost" || level === "stale";
  const heard = performance.now() - stateAt < STATE_MS && lost === null;
  if ($("banner").dataset.level !== level) { $("banner").dataset.level = level; dirty = true; }
  set("mark", mark); set("headline", headline); set("explained", words);
  // Where the words above are of a picture, what the session says of itself stands beside them.
  const standing = heard && ["good", "look", "flag", "off"].includes(level) && headline !== "NOT VALID" ? why(state) : "";
  set("standing", standing);
  $("standing").hidden = standing === "";
  set("regions-title", held ? "Regions of the held picture" : old ? "Regions of an old picture" : "Regions");
  $("regions").classList.toggle("old", old && !held);
  $("figure").classList.toggle("dim", old && !held);
  $("figure").classList.toggle("held", held);
  $("held").hidden = !held;
  if (held) {
    const before = (live.captured_ms - shown.captured_ms) / 1000;
    // Of an analysis from which no word comes any more nobody can say that it goes on.
    set("held", `HELD: frame ${shown.frame}, ${before.toFixed(1)} s before the newest: not live${old ? "" : "; the analysis goes on"}`);
  }
  $("none").hidden = shown !== null && shown.width > 0;
  if (shown !== null && shown.width === 0) set("none", "This frame is no picture");
  if (shown !== null) listed(shown);
  $("tint").hidden = !explained || shown === null;
  if (explained && shown !== null) set("tint", tinted(shown));
  for (const id of ["hold", "back", "forward"]) $(id).disabled = live === null;
  if (state !== null) set("state", heard ? `${why(state) || state.state} · ${state.engine}` : "no word from the session");
  ages.draw(old);
  latencies.draw(old);
}

function tinted(message) {
  if (message.outcome !== "analysed") return "Not analysed: there is nothing to explain";
  if (message.map === null) return "This network has no map that could explain its answer";
  if (!explains(message)) return `Frame ${message.frame} has no region to explain`;
  const name = message.map.name === "malignancy_map" ? "map of malignancy" : "map of lesions";
  return `Tint: the network's ${name} of frame ${message.frame}, inside its regions`;
}

function paint() {
  dirty = false;
  const hatched = !held && $("banner").dataset.level === "off";
  draw($("picture"), shown, { hatched, explained });
}

function hold(on) {
  if (live === null) return;
  held = on;
  $("hold").setAttribute("aria-pressed", String(held));
  if (!held) shown = live;
  dirty = true;
  tell();
}

function step(by) {
  if (live === null) return;
  shown = cine.step(shown, by);
  hold(true);
}

function explain() {
  explained = !explained;
  $("explain").setAttribute("aria-pressed", String(explained));
  dirty = true;
  tell();
}

const KEYS = {
  "?": () => $("help").showModal(),
  e: explain,
  E: explain,
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  Home: () => step(-Infinity),
  End: () => step(Infinity),
  " ": () => hold(!held),
};
$("hold").onclick = () => hold(!held);
$("back").onclick = () => step(-1);
$("forward").onclick = () => step(1);
$("explain").onclick = explain;
$("ask").onclick = KEYS["?"];
document.addEventListener("keydown", (event) => {
  const key = KEYS[event.key];
  if (!key || $("help").open || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.repeat && !event.key.startsWith("Arrow")) return;
  // A button that has the focus takes Space by itself.
  if (event.key === " " && event.target.tagName === "BUTTON") return;
  event.preventDefault();
  key();
});
new ResizeObserver(() => { dirty = true; }).observe($("stage"));
setInterval(tell, 100);
requestAnimationFrame(frame);
