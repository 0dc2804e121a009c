import { ExpectedFailure } from '../../failure.ts';
import { inFolder } from '../../storage/storage.ts';
import type { EmrSettings } from '../engine.ts';
import { runTag, toolTag } from './cluster-request.ts';

/**
 * The newest release of the 7 series that ships Hadoop 3.4 (3.4.2) on Amazon Linux 2023, by the version table of Amazon's release guide
 * (Hadoop-release-history).
 */
const defaultRelease = 'emr-7.13.0';

/** A tag is a name of 1 to 128 characters and a value of at most 256; names that begin with `aws:` are Amazon's. */
const tagForm = /^(?!aws:)([^=,]{1,128})=([^,]{0,256})$/i;

/** The settings of the emr engine, complete. Prefixes end with a slash. */
export interface EmrPlace {
  readonly region: string;
  readonly logUri: string;
  readonly staging: string;
  readonly pollMs: number;
  readonly maxHours: number;
  readonly maxInstanceHours: number;
  /** A cluster that others use too, or `undefined` to start one for the job. */
  readonly sharedCluster: string | undefined;
  readonly nodes: ClusterNodes;
}

/** What a cluster that is started for a job is made of. */
export interface ClusterNodes {
  readonly release: string;
  readonly primaryType: string;
  readonly coreType: string;
  readonly coreCount: number;
  readonly taskType: string;
  readonly taskCount: number;
  readonly subnet: string | undefined;
  readonly serviceRole: string;
  readonly instanceProfile: string;
  readonly primarySecurityGroup: string | undefined;
  readonly coreSecurityGroup: string | undefined;
  readonly serviceSecurityGroup: string | undefined;
  readonly tags: readonly (readonly [name: string, value: string])[];
  readonly idleMinutes: number;
}

/**
 * Puts the defaults in place of what is not set.
 *
 * @throws ExpectedFailure when the region or the place of the logs is not known, or a setting has not its form
 */
export function emrPlace(settings: EmrSettings, env: Readonly<Record<string, string | undefined>>): EmrPlace {
  const coreType = settings.emrCoreType ?? 'm5.2xlarge';
  const logUri = prefix('emr-log-uri', settings.emrLogUri);
  const idleMinutes = settings.emrIdleMinutes ?? 10;
  if (idleMinutes > 7 * 24 * 60) {
    throw wrong('emr-idle-minutes', String(idleMinutes), 'EMR takes up to 10080 minutes, a week');
  }
  if (settings.emrCluster !== undefined && !/^j-[A-Z0-9]+$/.test(settings.emrCluster)) {
    throw wrong('emr-cluster', settings.emrCluster, 'the id of a cluster begins with j-');
  }
  return {
    region: emrRegion(settings.emrRegion, env),
    logUri,
    staging:
      settings.emrStaging === undefined ? inFolder(logUri, 'also-viewed/') : prefix('emr-staging', settings.emrStaging),
    pollMs: 1000 * (settings.emrPollInterval ?? 15),
    maxHours: settings.emrMaxHours ?? 12,
    maxInstanceHours: settings.emrMaxInstanceHours ?? 100,
    sharedCluster: settings.emrCluster,
    nodes: {
      release: settings.emrRelease ?? defaultRelease,
      primaryType: settings.emrPrimaryType ?? 'm5.xlarge',
      coreType,
      coreCount: settings.emrCoreCount ?? 2,
      taskType: settings.emrTaskType ?? coreType,
      taskCount: settings.emrTaskCount ?? 0,
      subnet: settings.emrSubnet,
      serviceRole: settings.emrServiceRole ?? 'EMR_DefaultRole',
      instanceProfile: settings.emrInstanceProfile ?? 'EMR_EC2_DefaultRole',
      primarySecurityGroup: settings.emrPrimarySecurityGroup,
      coreSecurityGroup: settings.emrCoreSecurityGroup,
      serviceSecurityGroup: settings.emrServiceSecurityGroup,
      tags: tags(settings.emrTags),
      idleMinutes,
    },
  };
}

/** @throws ExpectedFailure when neither the setting nor the environment names a region */
export function emrRegion(setting: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  const region = setting ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  if (region === undefined || region === '') {
    throw new ExpectedFailure('configuration', 'Cannot use EMR: no region is set', {
      remedy: 'Add --emr-region, region: under emr: in the configuration file, or AWS_REGION.',
    });
  }
  return region;
}

function prefix(name: string, value: string | undefined): string {
  if (value === undefined) {
    throw new ExpectedFailure('configuration', `Cannot use EMR: ${name} is not set`, {
      remedy: 'Add --emr-log-uri s3://bucket/prefix/, or log-uri: under emr: in the configuration file.',
    });
  }
  if (!/^s3:\/\/[^/]+(\/|$)/.test(value)) {
    throw wrong(name, value, 'it must be s3://bucket/prefix/');
  }
  return inFolder(value, '');
}

function tags(text: string | undefined): ClusterNodes['tags'] {
  const found = (text ?? '')
    .split(',')
    .filter((tag) => tag.trim() !== '')
    .map((tag) => {
      const [, name, value] = tagForm.exec(tag.trim()) ?? [];
      if (name === undefined || value === undefined) {
        throw wrong('emr-tags', tag, 'a tag is name=value');
      }
      return [name, value] as const;
    });
  // EMR would refuse a name that comes twice, and without ours a cluster is not found again.
  const names = [toolTag, runTag, ...found.map(([name]) => name)];
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw wrong('emr-tags', text ?? '', `the tag ${twice} comes twice, or is one that also-viewed sets itself`);
  }
  return found;
}

function wrong(name: string, value: string, why: string): ExpectedFailure {
  return new ExpectedFailure('configuration', `Cannot use ${name} ${value}: ${why}`, { remedy: `Change --${name}.` });
}
