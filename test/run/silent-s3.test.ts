import { expect, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { type Effects, silentLog } from '#dist/effects.js';
import { Interrupted } from '#dist/failure.js';
import { type RunOptions, run } from '#dist/run/run.js';
import { inFakeTime } from '../fake-time.ts';
import { seed, seededRandom } from '../importer/seeded-random.ts';
import { recounted, shopOfFiles, viewsOfNight } from '../nights/shop.ts';
import { type Fault, faultyS3 } from '../storage/faulty-s3.ts';
import { ownBucket } from '../storage/own-bucket.ts';

const own = ownBucket();
const next = seededRandom();

/** How a server falls silent: it accepts a request and neither answers it nor goes on reading it, or it answers and leaves the body out. */
const silences: readonly Fault[] = [{ before: () => new Promise(() => {}) }, { silentAfter: 0 }];

const moments = process.env['SOAK'] === undefined ? 2 : 40;

/** A shop on an S3 that falls silent at moments of its runs. */
async function silentShop(name: string) {
  const folder = `s3://${own.bucket}/${name}`;
  const shop = shopOfFiles(folder, own.environment);
  const views = viewsOfNight(0, next);
  await shop.setViews(views);
  let faultOf = (_n: number): Fault | undefined => undefined;
  const proxy = await faultyS3(own.s3, (_request, n) => faultOf(n));
  const options: RunOptions = {
    source: { kind: 'files', locations: [`${folder}/views.tsv`] },
    target: { kind: 'file', location: `${folder}/relations.tsv` },
    work: shop.work,
    parameters: {},
    accept: 'a test',
    // The lock of a run that this process has lost is another one's for a minute.
    wait: 120_000,
  };
  const warnings: string[] = [];
  const impatient: Partial<Effects> = {
    s3: { endpoint: proxy.endpoint, pathStyle: true },
    pause: async () => {},
    log: { ...silentLog, warn: (message: string) => void warnings.push(message) },
  };
  await run(options, impatient);
  const requests = proxy.requests.length;
  return {
    /** A run during which it falls silent: at a random moment of the n-th part of its requests. */
    silentRun: async (
      moment: number,
      silence: Fault,
      given: Partial<Effects>,
      fallsSilent: () => void,
      ...pace: Pace
    ) => {
      const from = proxy.requests.length + Math.ceil((requests * (moment + next())) / moments);
      let isSilent = false;
      faultOf = (n) => {
        if (n >= from && !isSilent) {
          isSilent = true;
          fallsSilent();
        }
        return isSilent ? silence : undefined;
      };
      warnings.splice(0);
      const work = () => run(options, defaultEffects({ ...impatient, ...given }));
      const ended = await inFakeTime(work, () => isSilent, ...pace);
      faultOf = () => undefined;
      return { ...ended, warnings };
    },
    expectMadeRight: async () => {
      await run(options, impatient);
      expect(await shop.published()).toBe(recounted(views));
    },
  };
}

type Pace = [Parameters<typeof inFakeTime>[2]?];

/** Of a run that could not be stopped any more: nothing was left to do but to let the work folder go. */
const onlyLocks = (warnings: readonly string[]): void => {
  expect(warnings.filter((said) => !/^Could not (release|renew the lock of) /.test(said))).toEqual([]);
};

test(`S3 falls silent for good, from ${moments} moments of a run on: it fails within 20 minutes, and the next run makes it right (SEED=${seed})`, async () => {
  const { silentRun, expectMadeRight } = await silentShop('silent');
  for (let moment = 0; moment < moments; moment++) {
    for (const silence of silences) {
      const { outcome, seconds, warnings } = await silentRun(moment, silence, {}, () => {});
      expect(seconds).toBeLessThan(1200);
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toMatchObject({
          kind: 'unavailable',
          message: expect.stringMatching(
            /^Cannot (read|write) s3:\S+: (the server does not answer|the server sent nothing more for 60 s|.* did not establish a connection .*)$/,
          ),
          remedy: expect.stringContaining('network'),
        });
      } else {
        // The answer to the last request has no body that could be left out.
        onlyLocks(warnings);
      }
      await expectMadeRight();
    }
  }
}, 1_800_000);

test(`S3 falls silent as the job is told to stop, at ${moments} moments of a run: it ends within 5 seconds, and the next run makes it right (SEED=${seed})`, async () => {
  const { silentRun, expectMadeRight } = await silentShop('stopped');
  for (let moment = 0; moment < moments; moment++) {
    for (const silence of silences) {
      const stop = new AbortController();
      const reason = new Interrupted('SIGTERM');
      const tellToStop = (): void => stop.abort(reason);
      const pace = { stepMs: 250, realMs: 40 };
      const { outcome, seconds, warnings } = await silentRun(
        moment,
        silence,
        { signal: stop.signal },
        tellToStop,
        pace,
      );
      expect(seconds).toBeLessThanOrEqual(5);
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toBe(reason);
      } else {
        onlyLocks(warnings);
      }
      await expectMadeRight();
    }
  }
}, 1_800_000);
