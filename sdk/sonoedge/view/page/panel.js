// The text beside the picture, and the two charts.
"use strict";

const BARS = 120;
const $ = (id) => document.getElementById(id);
export const set = (id, text) => { if ($(id).textContent !== text) $(id).textContent = text; };

// What was found in this very picture.
export function listed(message) {
  const regions = message.regions;
  const none = message.outcome !== "analysed" ? "not analysed: nothing is known of this picture"
    : regions === null ? "this network does not say where" : regions.length === 0 ? "no region" : "";
  const items = none ? [[none, "none"]] : regions.slice(0, 5).map((r) =>
    [(r.track === null ? "" : `track ${r.track}: `) + r.words, r.flagged ? "flagged" : ""]);
  if (regions && regions.length > 5) items.push([`and ${regions.length - 5} more`, ""]);
  const key = JSON.stringify(items);
  if ($("regions").dataset.key !== key) {
    $("regions").dataset.key = key;
    $("regions").replaceChildren(...items.map(([text, kind]) => {
      const item = document.createElement("li");
      item.textContent = text;
      item.className = kind;
      return item;
    }));
  }
  set("remedy", message.remedy || "");
}

const rates = [];

// A state's counters; the rates are of the last two seconds.
export function counted(state) {
  const rows = [["submitted", state.submitted], ["analysed", state.analysed], ["not analysed", state.not_analysed],
    ["superseded", state.superseded], ["in flight", state.in_flight]];
  if ($("counters").childElementCount === 0)
    $("counters").replaceChildren(...rows.flatMap(([name]) => {
      const [term, value] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = name;
      return [term, value];
    }));
  $("counters").querySelectorAll("dd").forEach((dd, i) => { dd.textContent = rows[i][1]; });
  rates.push([state.at_ms, state.submitted, state.analysed]);
  while (rates.length > 2 && state.at_ms - rates[0][0] > 2000) rates.shift();
  const [first, last] = [rates[0], rates[rates.length - 1]];
  const span = (last[0] - first[0]) / 1000;
  if (span > 0) set("rates", `${((last[1] - first[1]) / span).toFixed(0)} frames/s in, ${((last[2] - first[2]) / span).toFixed(0)} analysed`);
}

export class Chart {
  values = [];

  constructor(canvas, text, words) { Object.assign(this, { canvas, text, words }); }

  // Milliseconds; null for a frame that was not analysed.
  add(value) { this.values = [...this.values, value].slice(-BARS); }

  draw(old) {
    const ratio = window.devicePixelRatio || 1, canvas = $(this.canvas);
    const [w, h] = [canvas.clientWidth, canvas.clientHeight];
    [canvas.width, canvas.height] = [Math.round(w * ratio), Math.round(h * ratio)];
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const known = this.values.filter((value) => value !== null);
    const most = Math.max(20, ...known), step = w / BARS;
    pen.fillStyle = old ? "#888" : getComputedStyle(canvas).color;
    pen.strokeStyle = "#888";
    this.values.forEach((value, i) => {
      // Not analysed: an empty box of full height, where a bar would read as a time.
      if (value === null) pen.strokeRect(i * step + 0.5, 1, step - 1, h - 2);
      else { const bar = Math.max(1, (value / most) * h); pen.fillRect(i * step, h - bar, step - 0.4, bar); }
    });
    set(this.text, known.length ? `${this.words} ${known[known.length - 1].toFixed(0)} ms, at most ${Math.max(...known).toFixed(0)}` : `${this.words} …`);
  }
}
