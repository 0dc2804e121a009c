import type { Engine } from './engine.ts';

/** The engines by name; each is loaded when it is used. */
const engines = {
  local: async (): Promise<Engine> => (await import('./local/local-engine.ts')).localEngine,
  hadoop: async (): Promise<Engine> => (await import('./hadoop/hadoop-engine.ts')).hadoopEngine,
  emr: async (): Promise<Engine> => (await import('./emr/emr-engine.ts')).emrEngine,
};

export type EngineName = keyof typeof engines;

export const engineNames: readonly EngineName[] = ['local', 'hadoop', 'emr'];

/** The engine of that name. */
export async function engineNamed(name: EngineName): Promise<Engine> {
  return await engines[name]();
}
