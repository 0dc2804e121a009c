import type { Setting } from '../setting.ts';

/** Of every command. */
export const commonSettings = {
  config: { value: 'file', description: 'configuration file (YAML)', upTo: 'environment' },
  store: { value: 'name', description: 'one of the stores of the configuration file', upTo: 'environment' },
  'log-format': {
    value: 'format',
    choices: ['text', 'json'],
    default: 'text',
    description: 'log lines as text or as JSON objects',
  },
  's3-endpoint': {
    kind: 'url',
    in: ['s3', 'endpoint'],
    usual: 'AWS_ENDPOINT_URL_S3, else that of the region',
    description: 'S3 server',
  },
  's3-path-style': {
    kind: 'switch',
    in: ['s3', 'path-style'],
    description: 'the bucket stands in the path of its URLs',
  },
  quiet: { kind: 'switch', description: 'only warnings and errors' },
  verbose: { kind: 'switch', description: 'more messages, and stack traces of failures' },
} as const satisfies Readonly<Record<string, Setting>>;
