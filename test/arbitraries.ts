import fc from 'fast-check';

/** Ids that must stay distinct products, and that collations, escapes and number parsers like to take for each other. */
export const awkwardIds: readonly string[] = [
  ...['a', 'A', 'a ', ' a', 'é', 'e\u0301', '10', '010', 'a\\', 'a_b', '"q"', "'", '🛒', '\uffee'],
  'x'.repeat(255),
  '18446744073709551615',
];

/** An id with any character that the contract allows, and often with those that programs trip over. */
export const anyId: fc.Arbitrary<string> = fc
  .oneof(
    fc.constantFrom(...awkwardIds, 'a\\t', '\\N', '-', '\\\\', 'null'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
    fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 3 }),
  )
  .map((id) => id.replace(/[\u0000-\u001f\u007f]/g, '~'))
  .filter((id) => id !== 'NULL');

/** Canonical unsigned integers of at most 64 bits, small ones more often. */
export const integerId: fc.Arbitrary<string> = fc
  .oneof(fc.bigInt(0n, 30n), fc.bigInt(0n, 2n ** 64n - 1n), fc.constant(2n ** 64n - 1n))
  .map(String);

/** Views over few enough paths and products that pairs meet. */
export function views(id: fc.Arbitrary<string>): fc.Arbitrary<[string, string][]> {
  return fc
    .tuple(fc.uniqueArray(id, { minLength: 1, maxLength: 9 }), fc.uniqueArray(anyId, { minLength: 1, maxLength: 8 }))
    .chain(([products, paths]) =>
      fc.array(fc.tuple(fc.constantFrom(...paths), fc.constantFrom(...products)), { maxLength: 60 }),
    );
}

/** A field as `mysql --batch` escapes it. */
export function escaped(id: string): string {
  return id.replaceAll('\\', '\\\\');
}
