import type { Writable } from 'node:stream';
import type { MultiBar } from 'cli-progress';

/** A bar on the last line of a terminal. What draws it is loaded by the first bar, which most commands never show. */
export class ProgressBar {
  readonly #stream: Writable;
  #seen: { readonly share: number | undefined; readonly words: string } | undefined;
  #bars: MultiBar | undefined;
  #ended = false;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /**
   * Draws the bar, or draws it anew.
   *
   * @param share of the work, from 0 to 1; `undefined` where it is not known: then there are words only
   */
  async show(share: number | undefined, words: string): Promise<void> {
    if (this.#ended) {
      return;
    }
    this.#seen = { share, words };
    const { default: library } = await import('cli-progress');
    // Hidden meanwhile.
    if (this.#seen === undefined) {
      return;
    }
    // Not its SingleBar, which goes back at its end to where the cursor was at its beginning, even when the screen has scrolled since.
    this.#bars ??= this.#open(library);
    this.#bars.update();
  }

  /** Takes the bar away until it is shown again, so that something else can be written. */
  hide(): void {
    this.#seen = undefined;
    this.#bars?.stop();
    this.#bars = undefined;
  }

  /** Takes the bar away for good: its timer would keep the process alive. */
  end(): void {
    this.#ended = true;
    this.hide();
  }

  #open({ Format, MultiBar }: typeof import('cli-progress')): MultiBar {
    const bars = new MultiBar({
      stream: this.#stream,
      format: (options) => {
        const { share, words } = this.#seen ?? { share: undefined, words: '' };
        return share === undefined ? words : `[${Format.BarFormat(share, options)}] ${words}`;
      },
      barsize: 20,
      barCompleteChar: '#',
      barIncompleteChar: '.',
      clearOnComplete: true,
      // A bar too long is cut. The default tells the terminal not to wrap lines, which it would go on doing after a SIGKILL.
      linewrap: true,
    });
    bars.create(1, 0);
    return bars;
  }
}
