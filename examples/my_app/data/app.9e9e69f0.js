"use strict";

const by = (id) => document.getElementById(id);
const COUNT = 60; // values in the chart
const EVERY = 1000; // milliseconds
const history = []; // bytes in use

function bytes(count) {
  return count < 10240 ? `${count} B` : `${(count / 1024).toFixed(1)} KiB`;
}

function duration(seconds) {
  const part = (size, of) => String(Math.floor(seconds / size) % of).padStart(2, "0");
  const days = Math.floor(seconds / 86400);
  return `${days ? `${days} d ` : ""}${part(3600, 24)}:${part(60, 60)}:${part(1, 60)}`;
}

function draw() {
  const most = Math.max(...history) * 1.1;
  const x = (i) => ((i * 60) / Math.max(1, history.length - 1)).toFixed(2);
  const points = history.map((used, i) => `${x(i)} ${(20 - (used / most) * 20).toFixed(2)}`);
  by("line").setAttribute("d", `M${points.join("L")}`);
  by("area").setAttribute("d", `M0 20L${points.join("L")}L60 20Z`);
}

function show(values, took) {
  history.push(values.used);
  history.splice(0, history.length - COUNT);
  by("used").textContent = bytes(values.used);
  by("free").textContent = "free" in values ? `, ${bytes(values.free)} free` : "";
  by("uptime").textContent = duration(values.uptime);
  by("took").textContent = `${took.toFixed(0)} ms`;
  by("runtime").textContent = values.runtime;
  by("platform").textContent = values.platform;
  draw();
}

async function ask(path, options) {
  const start = performance.now();
  try {
    const answer = await fetch(path, options);
    show(await answer.json(), performance.now() - start);
    by("state").textContent = "live";
  } catch (error) {
    by("state").textContent = "no answer";
  }
  by("state").classList.toggle("bad", by("state").textContent !== "live");
}

function route() {
  const isAbout = location.pathname === "/about";
  by("about").hidden = !isAbout;
  by("board").hidden = isAbout;
  for (const link of document.querySelectorAll("nav a")) {
    link.ariaCurrent = link.pathname === location.pathname ? "page" : null;
  }
}

for (const link of document.querySelectorAll("nav a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    window.history.pushState(null, "", link.href);
    route();
  });
}
window.addEventListener("popstate", route);
by("collect").addEventListener("click", () => ask("/api/collect", { method: "POST" }));
route();
ask("/api/board");
setInterval(() => ask("/api/board"), EVERY);
