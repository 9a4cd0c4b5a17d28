// Turns a recording of asciinema (the first argument) into an animated SVG (the second) and text (the third).
"use strict";

const { readFileSync, writeFileSync } = require("node:fs");
const { render } = require("svg-term");

const [recording, svg, text] = process.argv.slice(2);
const cast = readFileSync(recording, "utf8");

writeFileSync(svg, render(cast, { window: true, cursor: false }) + "\n");

// The first line of a recording is its header. Each other line is an event: the time, the kind and the data.
const output = cast.trim().split("\n").slice(1).map((line) => JSON.parse(line)).filter(([, kind]) => kind === "o");
writeFileSync(text, output.map(([, , data]) => data).join("").replace(/\x1b\[[0-9;]*m|\r/g, "").replace(/[ \n]+$/gm, (end) => end.replace(/ /g, "")));
