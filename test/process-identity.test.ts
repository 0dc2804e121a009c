import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { formatProcess, hasEnded, parseProcess, thisProcess } from '#dist/process-identity.js';

const own = thisProcess();

test('this process has not ended', () => {
  expect(own).toMatchObject({ pid: process.pid, startedTicks: expect.any(Number) });
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
  const parent = spawn('sh', ['-c', 'sleep 1000 & echo $!; exec sleep 1000']);
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [text] = await once(parent.stdout, 'data');
  const pid = Number(String(text));
  const stat = (of: number | undefined): string => readFileSync(`/proc/${of}/stat`, 'utf8');
  // A shell would take notice.
  await vi.waitFor(() => expect(stat(parent.pid)).toContain('(sleep)'));
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(() => expect(stat(pid)).toContain(') Z '));
  expect(hasEnded({ ...own, pid, startedTicks: undefined })).toBe(true);
});

test('whether a process of another machine has ended is not known', () => {
  expect(hasEnded({ ...own, machine: 'another', pid: 999_999_999 })).toBe(false);
  expect(hasEnded({ ...own, pid: 999_999_999 })).toBe(true);
});

test('a process comes back from the name of a file', () => {
  for (const each of [own, { ...own, startedTicks: undefined }]) {
    expect(parseProcess(formatProcess(each))).toEqual(each);
  }
  expect(parseProcess('1a2b3c4d')).toBeUndefined();
});
