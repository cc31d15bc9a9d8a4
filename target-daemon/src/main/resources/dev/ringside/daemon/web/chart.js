"use strict";

/** A small line chart of the last minute: one or two series over the same unit. */
class Chart {
    static POINTS = 60;
    static WIDTH = 240;
    static HEIGHT = 72;

    /**
     * @param title what is shown
     * @param names of the series
     * @param format makes text of a value
     */
    constructor(title, names, format) {
        this.format = format;
        this.series = names.map(() => []);
        this.element = node("figure", "chart");
        this.caption = node("figcaption", "", title);
        this.title = title;
        this.svg = svg("svg", {viewBox: "0 0 " + Chart.WIDTH + " " + Chart.HEIGHT, preserveAspectRatio: "none", role: "img"});
        this.svg.setAttribute("aria-label", title);
        this.svg.append(svg("line", {class: "base", x1: 0, x2: Chart.WIDTH, y1: Chart.HEIGHT - 1, y2: Chart.HEIGHT - 1}));
        this.lines = names.map((name, i) => svg("path", {class: "s" + i, "vector-effect": "non-scaling-stroke"}));
        this.svg.append(...this.lines);
        const values = node("div", "values");
        this.values = names.map((name, i) => node("span", "v" + i));
        this.names = names;
        values.append(...this.values);
        this.element.append(this.caption, this.svg, values);
    }

    /** Has each value and each line say whose it is, in which chart, and of which series. */
    tag(kind, name, chart) {
        [this.values, this.lines].forEach(all => all.forEach((one, i) => {
            one.dataset[kind] = name;
            one.dataset.chart = chart;
            one.dataset.series = this.names[i];
        }));
    }

    /** Adds a value to each series; null where there is none. */
    push(values) {
        values.forEach((value, i) => {
            this.series[i].push(value);
            if (this.series[i].length > Chart.POINTS) {
                this.series[i].shift();
            }
            this.values[i].textContent = this.names[i] + " " + (value === null ? "-" : this.format(value));
        });
        const top = Math.max(1e-9, ...this.series.flat().filter(value => value !== null));
        this.caption.textContent = this.title + (top > 1e-9 ? ", up to " + this.format(top) : "");
        this.series.forEach((points, i) => this.lines[i].setAttribute("d", path(points, top)));
    }
}

function path(points, top) {
    const step = Chart.WIDTH / (Chart.POINTS - 1);
    const first = Chart.POINTS - points.length;
    let text = "";
    let drawing = false;
    points.forEach((value, i) => {
        if (value === null) {
            drawing = false;
            return;
        }
        const x = ((first + i) * step).toFixed(1);
        const y = ((Chart.HEIGHT - 2) * (1 - value / top) + 1).toFixed(1);
        // A point between gaps is a line of no length, so that it is seen.
        text += drawing ? "L" + x + " " + y : "M" + x + " " + y + "h0";
        drawing = true;
    });
    return text;
}

function node(name, className, text) {
    const made = document.createElement(name);
    if (className) {
        made.className = className;
    }
    if (text !== undefined) {
        made.textContent = text;
    }
    return made;
}

function svg(name, attributes) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    return made;
}
