import { expect, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { type Effects, silentLog } from '#dist/effects.js';
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

test(`S3 falls silent for good, from ${moments} moments of a run on: it fails within 20 minutes, and the next run makes it right (SEED=${seed})`, async () => {
  const shop = shopOfFiles(`s3://${own.bucket}/silent`, own.environment);
  const views = viewsOfNight(0, next);
  await shop.setViews(views);
  let faultOf = (_n: number): Fault | undefined => undefined;
  const proxy = await faultyS3(own.s3, (_request, n) => faultOf(n));
  const s3 = { endpoint: proxy.endpoint, pathStyle: true };
  const options: RunOptions = {
    source: { kind: 'files', locations: [`s3://${own.bucket}/silent/views.tsv`] },
    target: { kind: 'file', location: `s3://${own.bucket}/silent/relations.tsv` },
    work: shop.work,
    parameters: {},
    accept: 'a test',
    // The lock of a run that this process has lost is another one's for a minute.
    wait: 120_000,
  };
  const impatient: Partial<Effects> = { s3, pause: async () => {} };
  await run(options, impatient);
  const requests = proxy.requests.length;

  for (let moment = 0; moment < moments; moment++) {
    for (const silence of silences) {
      const from = proxy.requests.length + Math.ceil((requests * (moment + next())) / moments);
      let isSilent = false;
      faultOf = (n) => {
        isSilent ||= n >= from;
        return isSilent ? silence : undefined;
      };
      const warnings: string[] = [];
      const log = { ...silentLog, warn: (message: string) => void warnings.push(message) };
      const { outcome, seconds } = await inFakeTime(
        () => run(options, defaultEffects({ ...impatient, log })),
        () => isSilent,
      );
      faultOf = () => undefined;
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
        // Nothing was left to do but to let the work folder go; the answer to that has no body that could be left out.
        expect(warnings.filter((said) => !/^Could not (release|renew the lock of) /.test(said))).toEqual([]);
      }
      await run(options, impatient);
      expect(await shop.published()).toBe(recounted(views));
    }
  }
}, 1_800_000);
