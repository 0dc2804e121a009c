import { type Html, html } from './html.ts';

/** A product by its id and its name. `bdi`, so that a name from right to left does not turn what stands around it. */
export function productLabel(id: string, name: string | undefined): Html {
  return html`<bdi class="id">${id}</bdi>${name === undefined ? undefined : html` <bdi class="name">${name}</bdi>`}`;
}
