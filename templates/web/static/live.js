// What the pages can do without, and are nicer with: the reader's own time, live updates, keys, a form sent once.
"use strict";

const pad = (number) => String(number).padStart(2, "0");

function localTimes(within) {
  for (const time of within.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (time.title || Number.isNaN(at.getTime())) continue;
    time.title = time.textContent + " UTC";
    time.textContent = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ` +
      `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  }
  for (const mark of within.querySelectorAll("text[data-at]")) {
    const at = new Date(mark.dataset.at);
    mark.textContent = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  }
}

localTimes(document);
for (const note of document.querySelectorAll("[data-zone]")) {
  note.textContent = note.dataset.zone.replace("{zone}", Intl.DateTimeFormat().resolvedOptions().timeZone);
}

// A part of a page is replaced by what the server makes of it now, unless somebody is at work in it.
async function refresh() {
  const parts = [...document.querySelectorAll("[data-live]")];
  const busy = (part) => part.contains(document.activeElement) || part.querySelector("input:checked, details[open]") ||
    !window.getSelection().isCollapsed;
  if (document.hidden || parts.some(busy)) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of parts) {
    const now = page.getElementById(part.id);
    if (now && !busy(part)) {
      localTimes(now);
      part.replaceWith(document.adoptNode(now));
    }
  }
}

if (document.querySelector("[data-live]") && !new URLSearchParams(location.search).has("after")) {
  let waiting = null;
  const prefix = document.querySelector(".brand").pathname.replace(/\/$/, "");
  new EventSource(`${prefix}/events`).addEventListener("moved", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => refresh().catch(() => {}), 300);
  });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, select, textarea")) return;
  const found = [...document.querySelectorAll("[data-key]")].find((link) => link.dataset.key === event.key);
  if (found) {
    event.preventDefault();
    found.click();
  }
});

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    // After the form has been read.
    setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }), 0);
  });
}
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-once] button").forEach((b) => { b.disabled = false; });
});

// A file may be dropped anywhere on a page that takes one.
const chosen = document.querySelector("input[type=file]");
if (chosen) {
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) chosen.files = event.dataTransfer.files;
  });
}
