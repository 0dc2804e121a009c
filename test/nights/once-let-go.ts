import type { Ended } from '../cli/also-viewed.ts';

/** Does a run, again while the server has not yet done with the connections of one that was killed. */
export async function onceLetGo(run: () => Promise<Ended>): Promise<Ended> {
  for (;;) {
    const ended = await run();
    if (!/^Error: Cannot publish to table \w+: connection \d+ of the server/m.test(ended.stderr)) {
      return ended;
    }
  }
}
