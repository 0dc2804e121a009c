import leven from 'leven';

/** The one of `names` that `name` may be a misspelling of: a third of its letters at most are other ones, or two, but never all. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll('_', '-');
  const far = Math.min(Math.max(2, Math.ceil(name.length / 3)), name.length - 1);
  const [best] = names
    .map((each) => ({ each, distance: leven(plain(name), plain(each), { maxDistance: far + 1 }) }))
    .sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= far ? best.each : undefined;
}
