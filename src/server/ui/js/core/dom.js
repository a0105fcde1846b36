// Elements without markup strings: every text goes in by textContent, so nothing a patient is called can become HTML.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'style') Object.assign(element.style, value);
    else if (name === 'data') Object.assign(element.dataset, value);
    else if (name === 'value' || name === 'checked' || name === 'disabled' || name === 'hidden') element[name] = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  put(element, children);
  return element;
}

/** Appends children: nodes, texts, numbers, nested arrays; null and false are left out. */
export function put(element, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** An HTML element: h('p', {class: 'x'}, 'text', h('b', null, 'bold')). */
export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);

/** An SVG element. */
export const s = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);

/** Replaces what an element holds. */
export function refill(element, ...children) {
  element.replaceChildren();
  return put(element, children);
}

/** A labelled form field; the label wraps its control. */
export const field = (label, control, hint) =>
  h('label', { class: 'field' }, h('span', { class: 'label' }, label), control, hint && h('small', null, hint));

/** A <select> of [value, text] pairs. */
export const choice = (pairs, value, props) =>
  h(
    'select',
    props,
    pairs.map(([v, text]) => h('option', { value: v, selected: String(v) === String(value) }, text)),
  );

/** A button. */
export const button = (text, onclick, props) => h('button', { type: 'button', onclick, ...props }, text);
