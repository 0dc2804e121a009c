import { expect, test } from 'vitest';
import { PacketCutter } from '#dist/mysql/packets.js';

const packet = (payload: string): Buffer =>
  Buffer.concat([Buffer.from([payload.length & 0xff, payload.length >> 8, 0, 7]), Buffer.from(payload)]);

function packetsOf(chunks: readonly Buffer[]): string[] {
  const packets: string[] = [];
  const cutter = new PacketCutter({
    packet: (bytes, start, end) => void packets.push(bytes.toString('latin1', start + 4, end)),
  });
  for (const chunk of chunks) {
    cutter.push(chunk);
  }
  return packets;
}

test('packets are the same wherever the network cuts them', () => {
  const payloads = ['a', '', 'x'.repeat(300), 'bc'];
  const bytes = Buffer.concat(payloads.map(packet));
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(packetsOf([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(payloads);
  }
  expect(packetsOf([...bytes].map((byte) => Buffer.from([byte])))).toEqual(payloads);
});

test('a packet that goes on in another is refused', () => {
  const cutter = new PacketCutter({ packet: () => {} });
  expect(() => cutter.push(Buffer.from([0xff, 0xff, 0xff, 0]))).toThrow(
    expect.objectContaining({ kind: 'badData', message: expect.stringContaining('16 MiB') }),
  );
});
