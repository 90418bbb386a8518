// The two charts of a supervisor: what happens a second, and how long it takes.

import uPlot from './uPlot.esm.js';
import { rate, seconds } from './format.js';

const HEIGHT = 132;
const DARK = matchMedia('(prefers-color-scheme: dark)');

const RATES = [
  { name: 'success', label: 'succeeded', color: '--success' },
  { name: 'failed', label: 'failed', color: '--failure' },
  { name: 'retries', label: 'retries', color: '--retry' },
];
const TIMES = [
  { name: 'p50', label: 'p50', color: '--calm' },
  { name: 'p99', label: 'p99', color: '--slow' },
];

export class Charts {
  #charts;
  #listener;

  /** Draws into two elements; `end` has to be called when these are no more. */
  constructor(ratesElement, timesElement) {
    this.#charts = [new Chart(ratesElement, RATES, rate), new Chart(timesElement, TIMES, seconds)];
    this.#listener = () => this.#charts.forEach((chart) => chart.restart());
    DARK.addEventListener('change', this.#listener);
  }

  update(history) {
    this.#charts.forEach((chart) => chart.update(history));
  }

  end() {
    DARK.removeEventListener('change', this.#listener);
    this.#charts.forEach((chart) => chart.end());
  }
}

function timeOf(at) {
  return new Date(at * 1000).toLocaleTimeString('en-GB');
}

class Chart {
  #element;
  #series;
  #format;
  #plot = null;
  #history = null;
  #resized;

  constructor(element, series, format) {
    this.#element = element;
    this.#series = series;
    this.#format = format;
    this.#resized = new ResizeObserver(() => this.#plot?.setSize({ width: this.#width(), height: HEIGHT }));
    this.#resized.observe(element);
  }

  update(history) {
    this.#history = history;
    const data = [history.column('at'), ...this.#series.map(({ name }) => history.column(name))];
    if (this.#plot === null) {
      this.#plot = new uPlot(this.#options(), data, this.#element);
    } else {
      this.#plot.setData(data);
    }
    if (this.#plot.cursor.idx === null || this.#plot.cursor.idx === undefined) {
      // Nobody points at anything: the legend has the latest values.
      this.#plot.setLegend({ idx: data[0].length - 1 });
    }
  }

  /** Anew, in the colours of now. */
  restart() {
    this.#plot?.destroy();
    this.#plot = null;
    if (this.#history !== null) {
      this.update(this.#history);
    }
  }

  end() {
    this.#resized.disconnect();
    this.#plot?.destroy();
  }

  #width() {
    return Math.max(120, this.#element.clientWidth);
  }

  #options() {
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue(name).trim();
    const axis = { stroke: color('--quiet'), grid: { stroke: color('--line'), width: 1 }, ticks: { show: false }, font: '11px system-ui' };
    return {
      width: this.#width(),
      height: HEIGHT,
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { y: { range: (plot, least, most) => [0, most > 0 ? most * 1.1 : 1] } },
      axes: [
        { ...axis, size: 24, space: 80, values: (plot, marks) => marks.map(timeOf) },
        { ...axis, size: 52, values: (plot, marks) => marks.map(this.#format) },
      ],
      series: [
        { label: 'time', value: (plot, at) => (at === null ? '' : timeOf(at)) },
        ...this.#series.map((one) => ({
          label: one.label,
          stroke: color(one.color),
          width: 1.5,
          points: { show: false },
          value: (plot, value) => this.#format(value),
        })),
      ],
    };
  }
}
