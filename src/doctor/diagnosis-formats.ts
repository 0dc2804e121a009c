import { listFormats } from '../report/list-formats.ts';

/** How a diagnosis is printed: `table` is for people, the others for programs; `json` is one document, `jsonl` a line a finding. */
export const diagnosisFormats = [...listFormats, 'json'] as const;
export type DiagnosisFormat = (typeof diagnosisFormats)[number];
