import type { Steps } from '../../in-turns.ts';
import { mostFirst } from '../most-first.ts';
import type { Names } from '../names.ts';
import type { ViewedPaths } from '../viewed-paths.ts';
import { type Reason, reasonWithoutList } from './coverage.ts';
import type { RelationLists } from './relation-lists.ts';

/** A product of the shop: one that was viewed, is related, or has a name. */
export interface ShopProduct {
  readonly id: string;
  readonly name: string | undefined;
  /** Paths that count and contain it; `undefined` without views. */
  readonly paths: number | undefined;
  /** Its number in the relations; -1 when it is not in them. */
  readonly number: number;
  /** Targets of its list. */
  readonly targets: number;
  /** Why it has no list, where that is so and is known. */
  readonly reason: Reason | undefined;
}

/** Products that are looked at in a step; a few of them may be in very many paths. */
const productsAtOnce = 1 << 12;

/** All products of a shop, those in most paths first; without views, those with most targets. */
export function* shopProducts(
  lists: RelationLists,
  viewed: ViewedPaths | undefined,
  names: Names,
  minWeight: number,
): Steps<ShopProduct[]> {
  const { products } = lists;
  const ids = new Set(names.keys());
  for (const id of lists.ids()) {
    ids.add(id);
  }
  yield;
  let added = 0;
  for (const id of viewed?.productIds() ?? []) {
    ids.add(id);
    if (++added % productsAtOnce === 0) {
      yield;
    }
  }
  const all: ShopProduct[] = [];
  for (const id of ids) {
    const number = products.find(Buffer.from(id));
    const targets = lists.length(number);
    all.push({
      id,
      name: names.get(id),
      paths: viewed?.count(viewed.find(id)),
      number,
      targets,
      reason: targets > 0 || viewed === undefined ? undefined : reasonWithoutList(viewed, id, minWeight),
    });
    if (all.length % productsAtOnce === 0) {
      yield;
    }
  }
  const byTargets = mostFirst(all, ({ targets }) => targets);
  yield;
  return mostFirst(byTargets, ({ paths = 0 }) => paths);
}
