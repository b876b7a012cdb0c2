// The live page. A picture and its outlines come in one message and are drawn together;
// how old that message is, this page tells by its own clock, whatever the server says.
"use strict";

const STALE_MS = 500;
const AGES = 120;
const $ = (id) => document.getElementById(id);
const set = (id, text) => { if ($(id).textContent !== text) $(id).textContent = text; };

let shown = null;     // the message that is on the canvas
let live = null;      // the newest message, also while the picture is held
let waiting = null;   // received, to be drawn at the next animation frame
let liveAt = -Infinity; // performance.now() when the result of `live` came to be
let state = null;     // the newest state
let stateAt = -Infinity;
let lost = null;      // why the connection is closed
let heldAt = null;
let ages = [];
let rates = [];
let dirty = true;

const token = location.hash.slice(1);
const socket = new WebSocket(`ws://${location.host}/live`);
socket.binaryType = "arraybuffer";
socket.onopen = () => socket.send(token);
socket.onclose = (event) => { lost = event.reason || "the connection is closed"; tell(); };
socket.onmessage = (event) => {
  if (typeof event.data === "string") {
    state = JSON.parse(event.data);
    stateAt = performance.now();
    rates.push([state.at_ms, state.submitted, state.analysed]);
    while (rates.length > 2 && state.at_ms - rates[0][0] > 2000) rates.shift();
    return;
  }
  const length = new DataView(event.data).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(event.data, 4, length)));
  head.pixels = new Uint8Array(event.data, 4 + length);
  head.at = performance.now() - head.waited_ms;
  waiting = head;
};

function frame() {
  if (waiting !== null) {
    live = waiting;
    liveAt = live.at;
    waiting = null;
    ages.push(live.outcome === "analysed" ? live.age_ms : null);
    ages = ages.slice(-AGES);
    if (heldAt === null) { shown = live; dirty = true; }
    tell();
    if (dirty) draw();
    if (socket.readyState === WebSocket.OPEN) socket.send("drawn");
  } else if (dirty) draw();
  requestAnimationFrame(frame);
}

// What the line at the top says, worst first.
function judged() {
  const now = performance.now();
  const since = now - liveAt;
  if (lost !== null) return ["lost", "×", "LOST", lost];
  if (live === null) return ["wait", "", "WAITING", state ? why(state) || "for the first picture" : "for the session"];
  if (since > STALE_MS) {
    const rest = state && now - stateAt < 1000 ? [state.source, why(state)].filter(Boolean).join("; ") : "nothing is heard of the session";
    return ["stale", "!", "STALE", `no new picture for ${(since / 1000).toFixed(1)} s${rest ? ": " + rest : ""}`];
  }
  if (live.outcome !== "analysed") return ["off", "///", "NOT ANALYSED", live.words];
  if (state && (!state.valid || now - stateAt > 1000)) return ["off", "///", "NOT VALID", why(state) || "the session does not vouch for it"];
  if (live.flag) return ["flag", "▲", "FLAG", live.words];
  if (live.suspicious) return ["look", "◆", "SUSPICIOUS", live.words];
  return ["good", "", "ANALYSED", live.words];
}

function why(s) {
  if (s.state === "READY") return "";
  return s.state + (s.reasons.length ? ": " + s.reasons.join(", ") : "");
}

function tell() {
  const [level, mark, headline, explained] = judged();
  const old = level === "lost" || level === "stale";
  const held = heldAt === null ? "" : `HELD for ${((performance.now() - heldAt) / 1000).toFixed(0)} s: not live`;
  if ($("banner").dataset.level !== level) { $("banner").dataset.level = level; dirty = true; }
  set("regions-title", heldAt !== null ? "Regions of the held picture" : old ? "Regions of an old picture" : "Regions");
  $("regions").classList.toggle("old", old);
  set("mark", mark); set("headline", headline); set("explained", explained);
  $("figure").classList.toggle("dim", old);
  $("figure").classList.toggle("held", heldAt !== null);
  $("held").hidden = heldAt === null;
  // Of an analysis that is not heard of any more nobody can say that it goes on.
  if (held) set("held", old ? held : `${held}; the analysis goes on`);
  $("none").hidden = shown !== null && shown.width > 0;
  if (shown !== null && shown.width === 0) set("none", "This frame is no picture");
  if (shown !== null) listed(shown);
  if (state !== null) {
    const heard = performance.now() - stateAt < 1000 && lost === null;
    set("state", heard ? `${state.state}${state.reasons.length ? ": " + state.reasons.join(", ") : ""}   ${state.engine}` : "not heard of");
    counted();
  }
  sparkline(old);
}

function listed(message) {
  const regions = message.regions;
  const none = message.outcome !== "analysed" ? "not analysed: nothing is known of this picture"
    : regions === null ? "this network does not say where" : regions.length === 0 ? "no region" : "";
  const items = none ? [[none, false]] : regions.slice(0, 5).map((r) =>
    [(r.track === null ? "" : `track ${r.track}: `) + r.words, r.flagged]);
  if (regions && regions.length > 5) items.push([`and ${regions.length - 5} more`, false]);
  const key = JSON.stringify(items);
  if ($("regions").dataset.key !== key) {
    $("regions").dataset.key = key;
    $("regions").replaceChildren(...items.map(([text, flagged]) => {
      const item = document.createElement("li");
      item.textContent = text;
      item.className = flagged ? "flagged" : "";
      return item;
    }));
  }
  set("remedy", message.remedy || "");
}

function counted() {
  const rows = [["submitted", state.submitted], ["analysed", state.analysed], ["not analysed", state.not_analysed],
    ["superseded", state.superseded], ["in flight", state.in_flight]];
  if ($("counters").childElementCount === 0)
    $("counters").replaceChildren(...rows.flatMap(([name]) => {
      const [term, value] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = name;
      return [term, value];
    }));
  $("counters").querySelectorAll("dd").forEach((dd, i) => { if (dd.textContent !== String(rows[i][1])) dd.textContent = rows[i][1]; });
  const [first, last] = [rates[0], rates[rates.length - 1]];
  const span = (last[0] - first[0]) / 1000;
  if (span > 0) set("rates", `${((last[1] - first[1]) / span).toFixed(0)} frames/s in, ${((last[2] - first[2]) / span).toFixed(0)} analysed`);
}

function sparkline(old) {
  const canvas = $("ages"), pen = canvas.getContext("2d");
  const known = ages.filter((age) => age !== null);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const most = Math.max(20, ...known);
  pen.fillStyle = old ? "#888" : "#2a9d8f";
  ages.forEach((age, i) => {
    const x = (i * canvas.width) / AGES;
    // Not analysed: an empty box of full height, where a bar would read as an age.
    if (age === null) { pen.strokeStyle = "#888"; pen.strokeRect(x + 0.5, 1, canvas.width / AGES - 1, canvas.height - 2); }
    else pen.fillRect(x, canvas.height - (age / most) * canvas.height, canvas.width / AGES - 0.4, canvas.height);
  });
  set("age", known.length ? `age of results ${known[known.length - 1].toFixed(0)} ms, at most ${Math.max(...known).toFixed(0)} ms` : "");
}

const store = document.createElement("canvas"); // the picture in its own pixels
function draw() {
  dirty = false;
  const canvas = $("picture"), ratio = window.devicePixelRatio || 1;
  const [w, h] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.round(w * ratio);
  canvas.height = Math.round(h * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  if (shown === null || shown.width === 0) { if (shown !== null) hatch(pen, 0, 0, w, h); return; }
  const { width, height, pixel_aspect: aspect } = shown;
  if (!shown.image) {
    shown.image = new ImageData(width, height);
    const words = new Uint32Array(shown.image.data.buffer);
    for (let i = 0; i < words.length; i++) words[i] = 0xff000000 | (shown.pixels[i] * 0x010101);
  }
  store.width = width;
  store.height = height;
  store.getContext("2d").putImageData(shown.image, 0, 0);
  const scale = Math.min(w / (width * aspect), h / height);
  const [dx, dy] = [scale * aspect, scale];
  const [x0, y0] = [(w - width * dx) / 2, (h - height * dy) / 2];
  pen.drawImage(store, x0, y0, width * dx, height * dy);
  if (shown.outcome !== "analysed" || (heldAt === null && $("banner").dataset.level === "off")) hatch(pen, x0, y0, width * dx, height * dy);
  for (const region of shown.regions || []) outline(pen, region, x0, y0, dx, dy);
  if (shown.spacing_mm) ruler(pen, x0, y0, dy, height);
}

function hatch(pen, x, y, w, h) {
  pen.save();
  pen.beginPath(); pen.rect(x, y, w, h); pen.clip();
  pen.strokeStyle = "rgba(205, 214, 218, 0.6)"; pen.lineWidth = 5;
  pen.beginPath();
  for (let i = -h; i < w; i += 30) { pen.moveTo(x + i, y + h); pen.lineTo(x + i + h, y); }
  pen.stroke();
  pen.restore();
}

function outline(pen, region, x0, y0, dx, dy) {
  pen.beginPath();
  region.contour_px.forEach(([x, y], i) => pen[i ? "lineTo" : "moveTo"](x0 + (x + 0.5) * dx, y0 + (y + 0.5) * dy));
  pen.closePath();
  pen.lineWidth = region.flagged ? 7 : 4; pen.strokeStyle = "#000"; pen.stroke();
  pen.lineWidth = region.flagged ? 4 : 2; pen.strokeStyle = region.flagged ? "#ff5a66" : "#ffd84d";
  pen.setLineDash(region.flagged ? [] : [8, 5]); pen.stroke(); pen.setLineDash([]);
  if (region.track !== null) label(pen, String(region.track), x0 + region.box_px[0] * dx, y0 + region.box_px[1] * dy - 6);
}

function label(pen, text, x, y) {
  pen.font = "700 16px system-ui, sans-serif";
  pen.lineWidth = 4; pen.strokeStyle = "#000"; pen.strokeText(text, x, Math.max(18, y));
  pen.fillStyle = "#fff"; pen.fillText(text, x, Math.max(18, y));
}

// Millimetres of depth along the left edge.
function ruler(pen, x0, y0, dy, height) {
  const perMm = dy / shown.spacing_mm[0], depth = height * shown.spacing_mm[0];
  const step = [1, 2, 5, 10, 20, 50, 100].find((mm) => mm * perMm >= 24);
  if (!step) return;
  for (let mm = step; mm < depth; mm += step) {
    pen.lineWidth = 4; pen.strokeStyle = "#000"; line(pen, x0, y0 + mm * perMm);
    pen.lineWidth = 2; pen.strokeStyle = "#fff"; line(pen, x0, y0 + mm * perMm);
  }
  label(pen, `${step} mm`, x0 + 18, y0 + step * perMm + 5);
}
function line(pen, x, y) { pen.beginPath(); pen.moveTo(x, y); pen.lineTo(x + 12, y); pen.stroke(); }

function hold() {
  heldAt = heldAt === null ? performance.now() : null;
  $("hold").setAttribute("aria-pressed", String(heldAt !== null));
  if (heldAt === null) shown = live;
  dirty = true;
  tell();
}

$("hold").onclick = hold;
$("ask").onclick = () => $("help").showModal();
document.addEventListener("keydown", (event) => {
  if ($("help").open || event.repeat) return;
  if (event.key === "?") { event.preventDefault(); $("help").showModal(); }
  // A button that has the focus takes Space by itself.
  if (event.key === " " && event.target.tagName !== "BUTTON") { event.preventDefault(); hold(); }
});
window.addEventListener("resize", () => { dirty = true; });
setInterval(tell, 100);
requestAnimationFrame(frame);
