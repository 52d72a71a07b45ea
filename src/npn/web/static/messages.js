/* What the pages of messages can do besides, in a browser that runs this: nothing here is needed. */
"use strict";
const picker = document.getElementById("field-files");
const ask = document.getElementById("ask");
const zone = document.querySelector("[data-drop]");
const pasted = document.getElementById("field-text");


if (picker && ask && zone) {
  const hint = document.createElement("p");
  hint.textContent = zone.dataset.drop;
  hint.className = "soft";
  zone.append(hint);
  picker.addEventListener("change", () => { if (picker.files.length) ask.requestSubmit(); });
  for (const kind of ["dragover", "dragenter"]) {
    document.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add("over"); });
  }
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) zone.classList.remove("over"); });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (event.dataTransfer.files.length) {
      picker.files = event.dataTransfer.files;
      ask.requestSubmit();
    }
  });
  document.addEventListener("paste", (event) => {
    if (/^(?:input|textarea)$/i.test(event.target.tagName)) return;
    const text = event.clipboardData.getData("text");
    if (text.trim()) {
      pasted.value = text;
      ask.requestSubmit();
    }
  });
}

/* The parts of a file as tabs. */
function open(desk, link) {
  for (const other of desk.querySelectorAll("[role=tab]")) {
    const is = other === link;
    other.setAttribute("aria-selected", String(is));
    other.tabIndex = is ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !is;
  }
  for (const frame of desk.querySelectorAll(".part:not([hidden]) iframe")) fit(frame);
}

function fit(frame) {
  const page = frame.contentDocument;
  if (page && page.documentElement) frame.height = page.documentElement.scrollHeight + 4;
}

for (const desk of document.querySelectorAll(".desk")) {
  const list = desk.querySelector(".parts ul");
  list.setAttribute("role", "tablist");
  const tabs = [...list.querySelectorAll("a")];
  for (const item of list.children) item.setAttribute("role", "presentation");
  for (const tab of tabs) {
    const id = tab.hash.slice(1);
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", id);
    document.getElementById(id).setAttribute("role", "tabpanel");
    tab.addEventListener("click", (event) => { event.preventDefault(); open(desk, tab); });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      open(desk, next);
      next.focus();
    });
  }
  for (const frame of desk.querySelectorAll("iframe")) frame.addEventListener("load", () => fit(frame));
  open(desk, tabs[0]);
  desk.addEventListener("click", (event) => {
    const link = event.target.closest("a.mark, a.to-source");
    if (!link) return;
    event.preventDefault();
    const target = document.getElementById(link.hash.slice(1));
    target.closest("details")?.setAttribute("open", "");
    target.scrollIntoView({ block: "center" });
    target.focus();
  });
}
