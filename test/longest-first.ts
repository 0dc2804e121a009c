import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, the longest first; the others take less than half a minute each. */
const longest = [
  'engine/hadoop/hadoop-engine',
  'engine/emr/emr-failures',
  'nights/kills',
  'engine/emr/emr-engine',
  'importer/swap',
  'streaming/peak-memory',
  'importer/killed-publisher',
  'run/run-mysql',
  'faults/database',
  'run/stopped-run',
  'run/run-emr',
  'faults/s3',
  'report/page/real-views',
  'report/page/page',
];

/** Starts the longest files first, so that the workers end together; then those that need a process of their own, so that no others wait for theirs. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification): number => {
      const found = longest.findIndex((name) => moduleId.includes(`/test/${name}.`));
      return found === -1 ? longest.length + Number(project.config.isolate === false) : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
