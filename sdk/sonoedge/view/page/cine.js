// The pictures that this page has drawn, each with its own result, to step back through.
"use strict";

const LIMIT_BYTES = 96 << 20;
const LIMIT = 900;

export class Cine {
  kept = [];
  bytes = 0;

  // Keep a picture; the oldest make room, but never the one that is held.
  add(message, held) {
    this.kept.push(message);
    this.bytes += message.bytes;
    while (this.over() && this.kept.length > 1) {
      const left = this.kept[0] === held ? this.kept.pop() : this.kept.shift();
      this.bytes -= left.bytes;
    }
  }

  over() { return this.kept.length > LIMIT || this.bytes > LIMIT_BYTES; }

  // The picture so many steps from this one; the outermost where there are not so many.
  step(from, by) {
    const at = this.kept.indexOf(from);
    if (at < 0) return from;
    return this.kept[Math.min(this.kept.length - 1, Math.max(0, at + by))];
  }
}
