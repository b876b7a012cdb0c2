// Draws one message: its picture, and what was found in that very picture.
"use strict";

const STRONGEST = 0.7; // share of the tint where the map is 1: tissue still shows through
const store = document.createElement("canvas"); // the picture in its own pixels
const tint = document.createElement("canvas");
let stored = null; // whose pixels `store` holds

export function draw(canvas, message, { hatched, explained }) {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.round(w * ratio);
  canvas.height = Math.round(h * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  if (message === null) return;
  if (message.width === 0) { hatch(pen, 0, 0, w, h); return; }
  const { width, height, pixel_aspect: aspect } = message;
  if (stored !== message) fill(message);
  const scale = Math.min(w / (width * aspect), h / height);
  const at = { dx: scale * aspect, dy: scale };
  at.x0 = (w - width * at.dx) / 2;
  at.y0 = (h - height * at.dy) / 2;
  pen.drawImage(store, at.x0, at.y0, width * at.dx, height * at.dy);
  if (explained && explains(message)) explanation(pen, message, at);
  if (hatched || message.outcome !== "analysed") hatch(pen, at.x0, at.y0, width * at.dx, height * at.dy);
  for (const region of message.regions || []) outline(pen, region, at);
  for (const region of message.regions || []) if (region.line_px) shaft(pen, region, at);
  if (message.spacing_mm) ruler(pen, message, at);
}

// Outside the regions the map has no meaning.
export function explains(message) {
  return message.outcome === "analysed" && message.map !== null && message.regions !== null && message.regions.length > 0;
}

function fill(message) {
  const { pixels, width, height, channels } = message;
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer); // little-endian: alpha, blue, green, red
  if (channels === 1) for (let i = 0; i < words.length; i++) words[i] = 0xff000000 | (pixels[i] * 0x010101);
  else for (let i = 0, k = 0; i < words.length; i++, k += 3)
    words[i] = 0xff000000 | (pixels[k] << 16) | (pixels[k + 1] << 8) | pixels[k + 2];
  store.width = width;
  store.height = height;
  store.getContext("2d").putImageData(image, 0, 0);
  stored = message;
}

function explanation(pen, { map, levels, regions }, { x0, y0, dx, dy }) {
  const image = new ImageData(map.width, map.height);
  for (let i = 0; i < levels.length; i++) image.data.set([255, 176, 48, Math.round(levels[i] * STRONGEST)], 4 * i);
  tint.width = map.width;
  tint.height = map.height;
  tint.getContext("2d").putImageData(image, 0, 0);
  const [left, top, right, bottom] = map.box_px;
  pen.save();
  pen.beginPath();
  for (const region of regions) trace(pen, region, { x0, y0, dx, dy });
  pen.clip();
  pen.drawImage(tint, x0 + left * dx, y0 + top * dy, (right - left) * dx, (bottom - top) * dy);
  pen.restore();
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

function trace(pen, region, { x0, y0, dx, dy }) {
  region.contour_px.forEach(([x, y], i) => pen[i ? "lineTo" : "moveTo"](x0 + (x + 0.5) * dx, y0 + (y + 0.5) * dy));
  pen.closePath();
}

function outline(pen, region, at) {
  pen.beginPath();
  trace(pen, region, at);
  pen.lineWidth = region.flagged ? 7 : 4; pen.strokeStyle = "#000"; pen.stroke();
  pen.lineWidth = region.flagged ? 4 : 2; pen.strokeStyle = region.flagged ? "#ff5a66" : "#ffd84d";
  pen.setLineDash(region.flagged ? [] : [8, 5]); pen.stroke(); pen.setLineDash([]);
  if (region.track !== null) label(pen, String(region.track), at.x0 + region.box_px[0] * at.dx, at.y0 + region.box_px[1] * at.dy - 6);
}

// A line as far as it is seen: its ends have no mark, as neither is a tip.
function shaft(pen, region, { x0, y0, dx, dy }) {
  pen.beginPath();
  region.line_px.forEach(([x, y], i) => pen[i ? "lineTo" : "moveTo"](x0 + (x + 0.5) * dx, y0 + (y + 0.5) * dy));
  pen.lineWidth = 5; pen.strokeStyle = "#000"; pen.stroke();
  pen.lineWidth = 2; pen.strokeStyle = region.flagged ? "#ff5a66" : "#ffd84d"; pen.stroke();
}

function label(pen, text, x, y) {
  pen.font = "700 16px system-ui, sans-serif";
  pen.lineWidth = 4; pen.strokeStyle = "#000"; pen.strokeText(text, x, Math.max(18, y));
  pen.fillStyle = "#fff"; pen.fillText(text, x, Math.max(18, y));
}

// Millimetres of depth along the left edge.
function ruler(pen, { spacing_mm: spacing, height }, { x0, y0, dy }) {
  const perMm = dy / spacing[0], depth = height * spacing[0];
  const step = [1, 2, 5, 10, 20, 50, 100].find((mm) => mm * perMm >= 24);
  if (!step) return;
  for (let mm = step; mm < depth; mm += step) {
    pen.lineWidth = 4; pen.strokeStyle = "#000"; line(pen, x0, y0 + mm * perMm);
    pen.lineWidth = 2; pen.strokeStyle = "#fff"; line(pen, x0, y0 + mm * perMm);
  }
  label(pen, `${step} mm`, x0 + 18, y0 + step * perMm + 5);
}

function line(pen, x, y) { pen.beginPath(); pen.moveTo(x, y); pen.lineTo(x + 12, y); pen.stroke(); }
