// Elements out of names, properties and children. Text is always text: nothing here or elsewhere is parsed as HTML.
const SVG = 'http://www.w3.org/2000/svg';

export const h = (name, properties = {}, ...children) => fill(document.createElement(name), properties, children);
export const s = (name, attributes = {}, ...children) => fill(document.createElementNS(SVG, name), attributes, children);
export const $ = id => document.getElementById(id);

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value == null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(4).filter(child => child != null && child !== false));
  return element;
}

// A command that does the same, and a button that copies it.
export function command(text) {
  const button = h('button', { type: 'button', class: 'small' }, 'Copy');
  const code = h('code', { tabindex: 0 }, text);
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = 'Press Ctrl-C';
    }
  });
  return h('p', { class: 'command' }, code, button);
}
