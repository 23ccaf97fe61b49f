// Small things to make and change a document with.

export const $ = (id) => document.getElementById(id);

// make makes an element with attributes and children; what is text stays text.
export function make(name, attrs = {}, ...children) { return dress(document.createElement(name), attrs, children); }

// draw is make for pictures.
export function draw(name, attrs = {}, ...children) { return dress(document.createElementNS("http://www.w3.org/2000/svg", name), attrs, children); }

function dress(e, attrs, children) {
  for (const [k, v] of Object.entries(attrs)) if (v !== undefined) e.setAttribute(k, v);
  e.append(...children);
  return e;
}

// say changes a text if it has changed: screen readers and selections are not disturbed.
export function say(element, text) { if (element.textContent !== text) element.textContent = text; }

// color is what a variable of the style sheet stands for, in the present scheme.
export function color(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
