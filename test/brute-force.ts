/** The definition, taken literally: the tests' oracle. Ids sort by UTF-8 bytes, or as integers when all of them are. */
export function bruteForce(views: readonly (readonly [path: string, product: string])[]): [string, string, number][] {
  const paths = new Map<string, Set<string>>();
  for (const [path, product] of views) {
    paths.set(path, (paths.get(path) ?? new Set()).add(product));
  }
  const ids = [...new Set(views.map(([, product]) => product))];
  const integers = ids.every((id) => /^(0|[1-9]\d{0,19})$/.test(id) && BigInt(id) < 2n ** 64n);
  ids.sort((a, b) => (integers ? Number(BigInt(a) - BigInt(b)) : Buffer.compare(Buffer.from(a), Buffer.from(b))));
  return ids.flatMap((source) =>
    ids.flatMap((target): [string, string, number][] => {
      const weight = [...paths.values()].filter((products) => products.has(source) && products.has(target)).length;
      return source !== target && weight > 0 ? [[source, target, weight]] : [];
    }),
  );
}

/** Rows of relations as the lines of a relations file. */
export function relationLines(relations: readonly (readonly [string, string, number])[]): string {
  const escaped = (id: string): string => id.replaceAll('\\', '\\\\');
  return relations.map(([source, target, weight]) => `${escaped(source)}\t${escaped(target)}\t${weight}\n`).join('');
}
