import { printable } from '../printable.ts';
import { redact } from '../redact.ts';
import { formatRows } from '../report/format-rows.ts';
import type { DiagnosisFormat } from './diagnosis-formats.ts';
import type { Diagnosis } from './doctor.ts';
import type { Finding } from './report.ts';

const columns = ['state', 'check', 'message', 'remedy'];

/** What was found, as text. */
export async function formatDiagnosis({ findings, exitCode }: Diagnosis, format: DiagnosisFormat): Promise<string> {
  const shown = findings.map(({ check, state, message, remedy }) => ({
    state,
    check,
    message: redact(message),
    remedy: remedy === undefined ? undefined : redact(remedy),
  }));
  switch (format) {
    case 'table':
      return forPeople(shown);
    case 'tsv':
    case 'csv':
      return await formatRows(
        columns,
        shown.map(({ state, check, message, remedy = '' }) => [state, check, message, remedy]),
        format,
      );
    case 'jsonl':
      return shown.map((finding) => `${JSON.stringify(finding)}\n`).join('');
    case 'json':
      return `${JSON.stringify({ exitCode, findings: shown }, null, 2)}\n`;
  }
}

/** A line each, and what to do below it, where statements can be copied whole. */
function forPeople(findings: readonly Omit<Finding, 'kind'>[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .map(({ state, check, message, remedy }) => {
      const line = `${state.padEnd('failure'.length)}  ${check.padEnd(width)}  ${printable(message)}\n`;
      return remedy === undefined ? line : `${line}${' '.repeat(width + 11)}${printable(remedy)}\n`;
    })
    .join('');
}
