/** The share of the whole work that a sample may take, and how many sources there are in it at least and at most. */
const workShare = 0.005;
const leastSources = 16;
const mostSources = 512;

/** What the relations of a graph are estimated to be. */
export interface RelationSample {
  readonly relations: number;
  /** Bytes in the form of the writer. */
  readonly bytes: number;
  /** Standard error of both figures, as a share of them. */
  readonly error: number;
}

/** Sources that were drawn from all. */
export interface Drawn {
  /** Each of them, how often it was drawn, and how many relations its row was expected to hold. */
  readonly sources: readonly { readonly source: number; readonly times: number; readonly expected: number }[];
  /** How many were drawn, one that was drawn twice counted twice. */
  readonly count: number;
  /** Relations that were expected of all sources together. */
  readonly expected: number;
}

/**
 * Draws sources with a probability in proportion to what their rows are expected to hold, at even distances of that, so that the same views
 * give the same estimate. Expected is how many of n products w draws hit when all are equally popular, n(1 − e^(−w/n)). The rows of those that
 * are drawn take a two-hundredth of the work of all.
 *
 * @param works the work of each source: the draws
 * @param top targets that are kept of each
 */
export function drawSources(works: Float64Array, top: number): Drawn {
  const products = works.length;
  const most = Math.min(products, top);
  const sizes = works.map((work) => Math.min(most, -products * Math.expm1(-work / products)));
  let expected = 0;
  let allWork = 0;
  let drawnWork = 0;
  sizes.forEach((size, source) => {
    expected += size;
    allWork += works[source]!;
    drawnWork += size * works[source]!;
  });
  const affordable = drawnWork === 0 ? 0 : (workShare * allWork * expected) / drawnWork;
  const count = Math.min(mostSources, Math.max(leastSources, Math.floor(affordable)));
  const sources: { source: number; times: number; expected: number }[] = [];
  let passed = 0;
  let next = 0;
  sizes.forEach((size, source) => {
    passed += size;
    let times = 0;
    for (; next < count && ((next + 0.5) * expected) / count < passed; next++) {
      times++;
    }
    if (times > 0) {
      sources.push({ source, times, expected: size });
    }
  });
  return { sources, count, expected };
}

/**
 * Adds up the rows of drawn sources to an estimate of all: the mean of found to expected, times all that is expected, which is unbiased however
 * wrong the expectation (Hansen and Hurwitz, On the theory of sampling from finite populations, 1943).
 */
export class DrawnRows {
  readonly #drawn: Drawn;
  #relations = 0;
  #bytes = 0;
  #bytesSquared = 0;

  constructor(drawn: Drawn) {
    this.#drawn = drawn;
  }

  /** @param relations of the row */
  add({ times, expected }: Drawn['sources'][number], relations: number, bytes: number): void {
    this.#relations += (times * relations) / expected;
    this.#bytes += (times * bytes) / expected;
    this.#bytesSquared += times * (bytes / expected) ** 2;
  }

  estimate(): RelationSample {
    const { count, expected } = this.#drawn;
    const mean = this.#bytes / count;
    const deviation = Math.sqrt(Math.max(0, this.#bytesSquared / count - mean ** 2));
    return {
      relations: (expected * this.#relations) / count,
      bytes: expected * mean,
      error: mean === 0 ? 0 : deviation / mean / Math.sqrt(count),
    };
  }
}
