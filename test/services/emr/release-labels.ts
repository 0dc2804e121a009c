import type { Input } from './inputs.ts';
import { invalid } from './refusal.ts';

/** Releases on Amazon Linux 2023 and the Hadoop in each, newest first: Amazon EMR Release Guide, "Hadoop version history". */
const hadoopOf: Readonly<Record<string, string>> = {
  'emr-7.13.0': '3.4.2-amzn-0',
  'emr-7.12.0': '3.4.1-amzn-4',
  'emr-7.11.0': '3.4.1-amzn-3',
  'emr-7.10.0': '3.4.1-amzn-2',
  'emr-7.9.0': '3.4.1-amzn-1',
  'emr-7.8.0': '3.4.1-amzn-0',
  'emr-7.7.0': '3.4.0-amzn-3',
  'emr-7.3.0': '3.3.6-amzn-5',
};

/** @throws when there is no such release, as RunJobFlow does */
export function hadoopVersion(label: string): string {
  const version = hadoopOf[label];
  if (version === undefined) throw invalid(`The supplied release label is invalid: ${label}.`);
  return version;
}

export function listReleaseLabels({ Filters: { Prefix = '', Application } = {} }: Input<'ListReleaseLabels'>) {
  // `hadoop@3.4` or `hadoop`
  const [name = 'hadoop', version = ''] = Application?.toLowerCase().split('@') ?? [];
  const matching = Object.entries(hadoopOf).filter(
    ([label, hadoop]) => label.startsWith(Prefix) && name === 'hadoop' && hadoop.startsWith(version),
  );
  return { ReleaseLabels: matching.map(([label]) => label) };
}

export function describeReleaseLabel({ ReleaseLabel = 'emr-7.13.0' }: Input<'DescribeReleaseLabel'>) {
  return {
    ReleaseLabel,
    Applications: [{ Name: 'Hadoop', Version: hadoopVersion(ReleaseLabel) }],
    AvailableOSReleases: [{ Label: '2023.9.20251105.0' }],
  };
}
