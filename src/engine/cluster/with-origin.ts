import { escapeBytes } from '../../tsv/escapes.ts';

/**
 * A line about a rejected row, with the file of this machine in place of the copy of it that the cluster read.
 *
 * @param line begins with the address of the file and, in a split that is not the first, where that begins
 * @param originOf the file that an address is a copy of, if it is one
 */
export function withOrigin(line: string, originOf: (address: string) => string | undefined): string {
  const [address = ''] = /^[^\t]*?(?=, from byte \d+\t|\t)/.exec(line) ?? [];
  const file = originOf(address);
  return file === undefined ? line : `${Buffer.from(escapeBytes(Buffer.from(file)))}${line.slice(address.length)}`;
}
