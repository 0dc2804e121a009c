import type { Bin } from './histogram.ts';
import { Html } from './html.ts';

/** In pixels: as wide as a phone shows whole. */
const size = { width: 328, height: 200, marginLeft: 44, marginRight: 4, marginBottom: 40, marginTop: 24 };

/** Counts that differ by more than this many times need a logarithmic axis, or the small ones cannot be seen. */
const steep = 50;

/** Whether the axis of the counts is logarithmic. */
export function isLogarithmic(bins: readonly Bin[]): boolean {
  const counts = bins.map(({ count }) => count).filter((count) => count > 0);
  return Math.max(...counts) > steep * Math.min(...counts);
}

/**
 * Draws columns for bins, in the colours that the style sheet gives their classes.
 *
 * @param unit what is counted
 * @param of what the bins are of
 */
export async function columnChart(bins: readonly Bin[], unit: string, of: string, title: string): Promise<Html> {
  const Plot = await import('@observablehq/plot');
  const { createWindow } = await import('@mixmark-io/domino');
  // Where a range begins says enough: ranges whole would not fit side by side.
  const rows = bins.map(({ from, count }) => ({ bin: String(from), count }));
  const most = Math.max(...bins.map(({ count }) => count));
  const logarithmic = isLogarithmic(bins);
  const floor = logarithmic ? 0.7 : 0;
  const ticks = logarithmic
    ? Array.from({ length: Math.floor(Math.log10(most)) + 1 }, (_, power) => 10 ** power)
    : most < 4
      ? // A quarter of a path is none.
        Array.from({ length: most + 1 }, (_, figure) => figure)
      : undefined;
  const svg = Plot.plot({
    ...size,
    document: createWindow('').document,
    className: 'plot',
    x: { domain: rows.map(({ bin }) => bin), label: `${of}, from`, labelArrow: 'none', tickSize: 0, padding: 0.12 },
    y: {
      type: logarithmic ? 'log' : 'linear',
      domain: [floor, most],
      label: logarithmic ? `${unit}, logarithmic` : unit,
      labelArrow: 'none',
    },
    marks: [
      Plot.axisY({ ticks: ticks ?? 4, tickSize: 0, tickFormat: '~s', labelArrow: 'none' }),
      Plot.axisX(
        // Of many columns every other one has its label, or they would run into each other.
        rows.filter((_, at) => rows.length < 10 || at % 2 === 0).map(({ bin }) => bin),
        { tickSize: 0, labelArrow: 'none' },
      ),
      Plot.gridY({ ticks: ticks ?? 4 }),
      Plot.barY(
        rows.filter(({ count }) => count > 0),
        { x: 'bin', y1: floor, y2: 'count', className: 'column' },
      ),
      Plot.ruleY([floor]),
    ],
  });
  // Styles stand in the page's own sheet, the only one that its policy admits.
  svg.querySelector('style')?.remove();
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', title);
  // The picture has a name; its groups may have none.
  return new Html(svg.outerHTML.replaceAll(/<g aria-label="[^"]*"/g, '<g'));
}
