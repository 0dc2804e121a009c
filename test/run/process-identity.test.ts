import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { hasEnded, thisProcess } from '#dist/run/process-identity.js';

const own = thisProcess();

test('this process has not ended', () => {
  expect(own).toMatchObject({ host: hostname(), pid: process.pid, startedTicks: expect.any(Number) });
  expect(hasEnded(own)).toBe(false);
  expect(hasEnded({ ...own, startedTicks: undefined })).toBe(false);
});

test('a process that began at another time than the one of its number now has ended', () => {
  expect(hasEnded({ ...own, startedTicks: (own.startedTicks ?? 0) - 1 })).toBe(true);
});

test('a process that was killed has ended', async () => {
  const child = spawn('sleep', ['1000']);
  const { pid = 0 } = child;
  expect(hasEnded({ ...own, pid, startedTicks: undefined })).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(hasEnded({ ...own, pid, startedTicks: undefined })).toBe(true);
});

test('a process that was killed has ended although its parent does not take notice', async () => {
  const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 1000']);
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [text] = await once(parent.stdout, 'data');
  const pid = Number(String(text));
  await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z '));
  expect(hasEnded({ ...own, pid, startedTicks: undefined })).toBe(true);
});

test('whether a process of another machine has ended is not known', () => {
  expect(hasEnded({ ...own, machine: 'another', pid: 999_999_999 })).toBe(false);
  expect(hasEnded({ ...own, pid: 999_999_999 })).toBe(true);
});
