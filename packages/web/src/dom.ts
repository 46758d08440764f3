/** Small helpers over the DOM: the markup is in index.html, code only fills it in. */

type Kind<T extends Element> = new () => T;

/** The one element for a selector. Throws when index.html has none, or one of another kind. */
export const one = <T extends Element>(root: ParentNode, selector: string, kind: Kind<T>): T => {
  const found = root.querySelector(selector);
  if (found instanceof kind) return found;
  throw new TypeError(`expected a ${kind.name} for "${selector}" but received ${found?.nodeName ?? 'nothing'}`);
};

/** A new copy of the first element in a template. */
export const copyOf = (selector: string): HTMLElement => {
  const first = one(document, selector, HTMLTemplateElement).content.firstElementChild;
  const copy = first === null ? null : document.importNode(first, true);
  if (copy instanceof HTMLElement) return copy;
  throw new TypeError(`expected an element in the template "${selector}"`);
};

/** Sets text only when it differs: screen readers read a live region again even when it is given the same words. */
export const setText = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text;
};

/** A new element with a class and children. */
export const make = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
};
