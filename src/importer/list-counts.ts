/** Sources of one kind: how many, and the first few by name. */
export interface Lists {
  readonly count: number;
  readonly first: readonly string[];
}

/** How many sources keep a name for messages. */
const named = 10;

/** Counts sources over the rows of a comparison, which come source by source. */
export class ListCounts {
  /** Sources that had a list. */
  before = 0;
  readonly #gained: string[] = [];
  readonly #lost: string[] = [];
  #gainedCount = 0;
  #lostCount = 0;
  #source: string | undefined;
  #wasThere = false;
  #willBe = false;

  /** Sources that had no list and get one. Call `end` first. */
  get gained(): Lists {
    return { count: this.#gainedCount, first: this.#gained };
  }

  /** Sources that lose their whole list. */
  get lost(): Lists {
    return { count: this.#lostCount, first: this.#lost };
  }

  /** Relations of that source are among the old ones, the new ones, or both. */
  row(source: string, old: boolean, next: boolean): void {
    if (source !== this.#source) {
      this.end();
      this.#source = source;
    }
    this.#wasThere ||= old;
    this.#willBe ||= next;
  }

  /** Counts the last source. */
  end(): void {
    if (this.#source === undefined) {
      return;
    }
    if (this.#wasThere) {
      this.before++;
    }
    if (!this.#wasThere) {
      this.#gainedCount++;
      this.#name(this.#gained);
    } else if (!this.#willBe) {
      this.#lostCount++;
      this.#name(this.#lost);
    }
    this.#source = undefined;
    this.#wasThere = false;
    this.#willBe = false;
  }

  #name(list: string[]): void {
    if (list.length < named && this.#source !== undefined) {
      list.push(this.#source);
    }
  }
}
