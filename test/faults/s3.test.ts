import { expect, test } from 'vitest';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { seed, seededRandom } from '../importer/seeded-random.ts';
import { expectMadeRight } from '../nights/expect-made-right.ts';
import { recounted, shopOfFiles, viewsOfNight } from '../nights/shop.ts';
import { type Fault, faultyS3 } from '../storage/faulty-s3.ts';
import { ownBucket } from '../storage/own-bucket.ts';

const own = ownBucket();
const next = seededRandom();
const nights = [viewsOfNight(0, next), viewsOfNight(1, next)] as const;
const relations = nights.map(recounted);

/** What S3 may do to a request, and how a run ends to which it does nothing else any more. */
const faults: readonly { readonly fault: Fault; readonly code: number; readonly says: RegExp }[] = [
  { fault: { error: { status: 500, code: 'InternalError' } }, code: 69, says: /(InternalError|status 500).*\n {2}\S/ },
  { fault: { error: { status: 503, code: 'SlowDown' } }, code: 69, says: /(SlowDown|status 503).*\n {2}\S/ },
  { fault: { resetAnswer: true }, code: 69, says: /(ECONNRESET|socket hang up).*\n {2}\S/ },
  { fault: { error: { status: 403, code: 'AccessDenied' } }, code: 77, says: /(AccessDenied|status 403).*\n {2}\S/ },
];
/** Those that may be over when the request is sent again. */
const passing = faults.filter(({ code }) => code === 69);

const outages = process.env['SOAK'] === undefined ? 6 : 60;

test(
  `S3 fails now and then: nobody notices; from ${outages} moments on: nothing is half written, and the next run makes it right (SEED=${seed})`,
  async () => {
    const shop = shopOfFiles(`s3://${own.bucket}/shop`, own.environment);
    let faultOf = (_n: number): Fault | undefined => undefined;
    const proxy = await faultyS3(own.s3, (_request, n) => faultOf(n));
    const run = (...more: string[]): Promise<Ended> =>
      alsoViewed(['run', ...shop.args, '--accept-changes', 'a test', ...more], {
        env: { ...shop.env, AWS_ENDPOINT_URL_S3: proxy.endpoint },
      });

    await shop.setViews(nights[0]);
    expect(await run()).toMatchObject({ code: 0 });
    const requests = proxy.requests.length;
    await shop.setViews(nights[1]);
    faultOf = (n) => (n % 4 === 0 ? passing[(n / 4) % passing.length]?.fault : undefined);
    expect(await run()).toMatchObject({ code: 0, stderr: expect.not.stringContaining('Warning: Could not') });
    expect(await shop.published()).toBe(relations[1]);

    for (let outage = 0; outage < outages; outage++) {
      const night = outage % 2 === 0 ? 0 : 1;
      faultOf = () => undefined;
      await shop.setViews(nights[night]);
      const { fault, code, says } = faults[outage % faults.length] ?? { fault: {}, code: 0, says: /^/ };
      const from = proxy.requests.length + Math.ceil((requests * (outage + next())) / outages);
      faultOf = (n) => (n >= from ? fault : undefined);
      const ended = await run();
      faultOf = () => undefined;
      if (ended.code === 0) {
        // Nothing was left to do but to let the work folder go.
        expect(ended.stderr).toContain('Could not release');
      } else {
        expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(/^Error: Cannot .+/m) });
        expect(ended.stderr).toMatch(says);
      }
      await expectMadeRight(shop, run, Math.floor(outage / 2) % 2 === 1, relations, relations[night]);
    }
  },
  300_000 + 30_000 * outages,
);
