import { type Html, html } from './html.ts';

/** A product by its id and its name, linked to where the page shows its list. `bdi`, so that a name from right to left does not turn what stands around it. */
export function productLabel(id: string, name: string | undefined): Html {
  const link = (label: Html): Html => html`<a href="#product=${encodeURIComponent(id)}">${label}</a>`;
  return name === undefined
    ? link(html`<bdi>${id}</bdi>`)
    : html`${link(html`<bdi>${name}</bdi>`)} <bdi class="id">${id}</bdi>`;
}
