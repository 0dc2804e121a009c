import { seededRandom as randomOf } from '#dist/seeded-random.js';

/** The seed of this run; a failure is repeated with `SEED=` what it printed. */
export const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** Numbers of [0, 1) that depend on `seed` alone. */
export const seededRandom = (): (() => number) => randomOf(seed);
