// Builds and updates elements. What comes from the endpoint becomes text or an attribute's value, never markup.

/** An element: attributes by name (a function is a listener, a boolean is there or not), then children or texts. */
export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** As el, for drawings. */
export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name, value);
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Sets a text only where it differs, so that selections and screen readers are left in peace. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** Sets or, for null, removes an attribute only where that changes anything. */
export function setAttribute(element, name, value) {
  if (value === null) {
    element.removeAttribute(name);
  } else if (element.getAttribute(name) !== value) {
    element.setAttribute(name, value);
  }
}

/**
 * Makes the children of an element stand for items: kept by key, so that what has the focus keeps it.
 * `make(item)` gives an element, `update(element, item)` brings it up to date.
 */
export function keyed(parent, items, key, make, update) {
  const old = new Map([...parent.children].map((child) => [child.itemKey, child]));
  let next = parent.firstElementChild;
  for (const item of items) {
    const wanted = key(item);
    let child = old.get(wanted);
    old.delete(wanted);
    if (!child) {
      child = make(item);
      child.itemKey = wanted;
    }
    if (child === next) {
      next = next.nextElementSibling;
    } else {
      parent.insertBefore(child, next);
    }
    update(child, item);
  }
  old.forEach((gone) => gone.remove());
}
