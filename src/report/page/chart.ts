import { count } from './figures.ts';
import type { Bin } from './histogram.ts';
import { Html } from './html.ts';

/** In pixels: as wide as a phone shows whole. */
const size = { width: 328, height: 200, marginLeft: 44, marginRight: 4, marginBottom: 40, marginTop: 24 };

/** Of the columns, what is left free between them. */
const padding = 0.12;

/** In pixels, as the two below: of few columns none looks like a wall. */
const widestColumn = 40;

/** Of a figure in the labels, which the style sheet makes 12 pixels high, with what it may be wider on another machine. */
const characterWidth = 7.5;

const labelGap = 6;

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
  // Where a range ends says enough: ranges whole would not fit side by side.
  const rows = bins.map(({ to, count: figure }) => ({ bin: count(to), figure }));
  const most = Math.max(...bins.map(({ count }) => count));
  const logarithmic = isLogarithmic(bins);
  const floor = logarithmic ? 0.7 : 0;
  const ticks = logarithmic ? powersTo(most) : niceTicks(most);
  const inset = Math.max(0, (bandOf(rows.length) * (1 - padding) - widestColumn) / 2);
  const svg = Plot.plot({
    ...size,
    document: createWindow('').document,
    className: 'plot',
    x: { domain: rows.map(({ bin }) => bin), label: `${of}, up to`, labelArrow: 'none', tickSize: 0, padding },
    y: {
      type: logarithmic ? 'log' : 'linear',
      domain: [floor, ticks.at(-1)],
      label: logarithmic ? `${unit}, logarithmic` : unit,
      labelArrow: 'none',
    },
    marks: [
      Plot.axisY({ ticks, tickSize: 0, tickFormat: '~s', labelArrow: 'none' }),
      Plot.axisX(labelled(rows.map(({ bin }) => bin)), { tickSize: 0, labelArrow: 'none' }),
      Plot.gridY({ ticks }),
      Plot.barY(
        rows.filter(({ figure }) => figure > 0),
        { x: 'bin', y1: floor, y2: 'figure', insetLeft: inset, insetRight: inset, className: 'column' },
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

/** The width that each of some columns has, with the space beside it. */
function bandOf(columns: number): number {
  return (size.width - size.marginLeft - size.marginRight) / (columns + padding);
}

/** The last label and as many before it as have room, evenly. */
function labelled(labels: readonly string[]): string[] {
  const widest = characterWidth * Math.max(...labels.map(({ length }) => length)) + labelGap;
  const step = Math.ceil(widest / bandOf(labels.length));
  return labels.filter((_, at) => (labels.length - 1 - at) % step === 0);
}

/** 1, 10, 100 and so on, to the first that is not less than the most. */
function powersTo(most: number): number[] {
  return Array.from({ length: Math.ceil(Math.log10(most)) + 1 }, (_, power) => 10 ** power);
}

/** From 0 to the first that is not less than the most, in steps that are easy to count in; there is no part of a path. */
function niceTicks(most: number): number[] {
  const power = 10 ** Math.floor(Math.log10(most / 4));
  const step = Math.max(1, power * ([1, 2, 5, 10].find((factor) => factor * power * 4 >= most) ?? 10));
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, at) => at * step);
}
