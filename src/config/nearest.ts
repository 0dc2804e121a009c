import leven from 'leven';

/**
 * The one of `names` that `name` may be a misspelling of.
 *
 * @param most how many letters may be other ones, but never all: a third, or two, unless said otherwise
 */
export function nearest(
  name: string,
  names: readonly string[],
  most: number = Math.max(2, Math.ceil(name.length / 3)),
): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll('_', '-');
  const far = Math.min(most, name.length - 1);
  const [best] = names
    .map((each) => ({ each, distance: leven(plain(name), plain(each), { maxDistance: far + 1 }) }))
    .sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= far ? best.each : undefined;
}
