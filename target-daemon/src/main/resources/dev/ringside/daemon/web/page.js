"use strict";

const PERIOD_MS = 1000;
/** What the table of a disk or a reactor shows of its counters. */
const COUNTERS = ["num_read_ops", "bytes_read", "num_write_ops", "bytes_written", "num_unmap_ops", "bytes_unmapped"];
/** What a reactor's table shows besides: nanoseconds. */
const TICKS = ["busy", "idle"];

const disks = new Map();
const reactors = new Map();
let last = null;

const byId = id => document.getElementById(id);
const scaled = (value, units, base) => {
    let i = 0;
    while (value >= base && i < units.length - 1) {
        value /= base;
        i++;
    }
    return (value >= 100 || i === 0 && value === Math.round(value) ? value.toFixed(0) : value.toFixed(1)) + " " + units[i];
};
const count = value => scaled(value, ["", "k", "M", "G"], 1000).trimEnd();
const bytes = value => scaled(value, ["B/s", "KiB/s", "MiB/s", "GiB/s"], 1024);
const time = ns => scaled(ns, ["ns", "us", "ms", "s"], 1000);
const percent = value => value.toFixed(value < 10 ? 1 : 0) + " %";

/** The card of a disk or a reactor; made when it is first seen. */
function card(all, key, parent, make) {
    let one = all.get(key);
    if (!one) {
        one = make();
        all.set(key, one);
        byId(parent).append(one.element);
    }
    one.seen = true;
    return one;
}

function sweep(all) {
    for (const [key, one] of all) {
        if (!one.seen) {
            one.element.remove();
            all.delete(key);
        }
        one.seen = false;
    }
}

/** A table of counters, each cell of which says whose it is. */
function counterTable(kind, name, counters, cells) {
    const table = node("table", "");
    const head = table.createTHead().insertRow();
    const row = table.createTBody().insertRow();
    counters.forEach(counter => {
        head.append(node("th", "", counter.replace(/^num_(.*)_ops$/, "$1s").replaceAll("_", " ")));
        const cell = node("td", "number");
        cell.dataset[kind] = name;
        cell.dataset.counter = counter;
        cells[counter] = cell;
        row.append(cell);
    });
    const scroll = node("div", "scroll");
    scroll.append(table);
    return scroll;
}

/** The charts of what was done on a disk, or by a reactor. */
class IoCharts {
    constructor(kind, name) {
        this.all = {
            iops: new Chart("IOPS", ["read", "write"], count),
            bandwidth: new Chart("bandwidth", ["read", "write"], bytes),
            latency: new Chart("mean latency", ["read", "write"], time)
        };
        Object.entries(this.all).forEach(([chart, one]) => one.tag(kind, name, chart));
    }

    elements() {
        return Object.values(this.all).map(one => one.element);
    }

    /** Adds what the counters tell of the seconds since they were as before; they may have been set to 0 meanwhile. */
    push(now, before, seconds) {
        const grown = name => Math.max(0, now[name] - before[name]);
        const mean = type => grown("num_" + type + "_ops") > 0
                ? grown(type + "_latency_ticks") / grown("num_" + type + "_ops") : null;
        this.all.iops.push([grown("num_read_ops") / seconds, grown("num_write_ops") / seconds]);
        this.all.bandwidth.push([grown("bytes_read") / seconds, grown("bytes_written") / seconds]);
        this.all.latency.push([mean("read"), mean("write")]);
    }
}

function diskCard(bdev) {
    const element = node("article", "card");
    const title = node("h3", "", bdev.name + " ");
    title.append(node("small", "", bdev.product_name));
    const charts = node("div", "charts");
    const made = {
        element: element,
        io: new IoCharts("bdev", bdev.name),
        cells: {},
        diagnosis: node("p", "")
    };
    charts.append(...made.io.elements());
    element.append(title, charts, counterTable("bdev", bdev.name, COUNTERS, made.cells), made.diagnosis);
    return made;
}

function reactorCard(reactor) {
    const element = node("article", "card");
    const charts = node("div", "charts");
    const name = reactor.lw_threads[0].name;
    const made = {
        element: element,
        io: new IoCharts("reactor", name),
        busy: new Chart("busy", ["busy"], percent),
        loop: new Chart("longest turn", ["turn"], time),
        cells: {},
        note: node("p", "")
    };
    made.busy.tag("reactor", name, "busy");
    made.loop.tag("reactor", name, "loop");
    charts.append(...made.io.elements(), made.busy.element, made.loop.element);
    const title = node("h3", "", name + ", core " + reactor.lcore);
    element.append(
            title,
            charts,
            counterTable("reactor", name, COUNTERS, made.cells),
            counterTable("reactor", name, TICKS, made.cells),
            made.note);
    return made;
}

function byName(all) {
    return new Map(all.map(one => [one.name, one]));
}

function secondsBetween(before, now) {
    return before ? (now.ticks - before.ticks) / now.tick_rate : 0;
}

function showDisks(now, before) {
    const old = byName(before ? before.iostat : []);
    const described = byName(now.bdevs);
    const measured = byName(now.latency);
    const seconds = secondsBetween(before, now);
    for (const stats of now.iostat) {
        const bdev = described.get(stats.name);
        if (!bdev) {
            continue;
        }
        const shown = card(disks, stats.name, "disks", () => diskCard(bdev));
        COUNTERS.forEach(name => shown.cells[name].textContent = stats[name]);
        const latency = measured.get(stats.name);
        shown.diagnosis.textContent = latency ? latency.sentence : "";
        const was = old.get(stats.name);
        if (was && seconds > 0) {
            shown.io.push(stats, was, seconds);
        }
    }
    sweep(disks);
}

function showReactors(now, before) {
    const old = new Map(before ? before.reactors.map(one => [one.lcore, one]) : []);
    const loops = byName(now.loops);
    const io = byName(now.reactor_iostat);
    const oldIo = byName(before ? before.reactor_iostat : []);
    const seconds = secondsBetween(before, now);
    for (const reactor of now.reactors) {
        const shown = card(reactors, reactor.lcore, "reactors", () => reactorCard(reactor));
        const name = reactor.lw_threads[0].name;
        const stats = io.get(name);
        COUNTERS.forEach(counter => shown.cells[counter].textContent = stats[counter]);
        if (oldIo.has(name) && seconds > 0) {
            shown.io.push(stats, oldIo.get(name), seconds);
        }
        TICKS.forEach(name => shown.cells[name].textContent = reactor[name]);
        const was = old.get(reactor.lcore);
        if (was) {
            const busy = reactor.busy - was.busy;
            const all = busy + reactor.idle - was.idle;
            shown.busy.push([all > 0 ? 100 * busy / all : null]);
        }
        const loop = loops.get(name);
        if (loop) {
            shown.loop.push([loop.recent.ns]);
            shown.note.textContent = "longest of all " + time(loop.worst.ns) + ran(loop.worst) + "; stalls: " + loop.stalls;
        }
    }
    sweep(reactors);
}

function ran(loop) {
    return loop.ran.length === 0 ? "" : " (" + loop.ran.map(part => part.name + " " + part.work).join(", ") + ")";
}

/** A bdev with what it stands on. */
function bdevItem(name, described) {
    const item = node("li", "", name + " ");
    const bdev = described.get(name);
    if (!bdev) {
        return item;
    }
    item.append(node("small", "", bdev.product_name));
    const below = node("ul", "");
    for (const driver of Object.values(bdev.driver_specific).flat()) {
        const base = driver.base_bdev_name || driver.base_bdev;
        const device = driver.filename || driver.pci_address || driver.device;
        if (base) {
            below.append(bdevItem(base, described));
        } else if (device) {
            below.append(node("li", "", device));
        }
    }
    item.append(below);
    return item;
}

function showTree(now) {
    const described = byName(now.bdevs);
    byId("tree").replaceChildren(...now.controllers.map(controller => {
        const item = node("li", "", controller.ctrlr + " ");
        const guests = controller.sessions.length;
        item.append(node("small", "", controller.socket + ", " + guests + (guests === 1 ? " guest" : " guests")));
        const list = node("ul", "");
        const specific = controller.backend_specific;
        if (specific.block && specific.block.bdev) {
            list.append(bdevItem(specific.block.bdev, described));
        }
        for (const target of specific.scsi || []) {
            const shown = node("li", "", target.target_name);
            const luns = node("ul", "");
            target.luns.forEach(lun => luns.append(bdevItem(lun.bdev_name, described)));
            shown.append(luns);
            list.append(shown);
        }
        item.append(list);
        return item;
    }));
}

function showEvents(now) {
    byId("events").tBodies[0].replaceChildren(...now.events.map(event => {
        const row = node("tr", event.level);
        row.append(
                node("td", "", new Date(event.time).toLocaleTimeString()),
                node("td", "", event.level),
                node("td", "", event.component),
                node("td", "", event.text));
        return row;
    }));
}

async function look() {
    try {
        const answer = await fetch("status.json");
        if (!answer.ok) {
            throw new Error(await answer.text());
        }
        const now = await answer.json();
        byId("version").textContent = now.version;
        showDisks(now, last);
        showReactors(now, last);
        showTree(now);
        showEvents(now);
        last = now;
        byId("state").className = "";
        byId("state").dataset.ticks = now.ticks;
        byId("state").textContent = "of " + new Date().toLocaleTimeString();
    } catch (failure) {
        byId("state").className = "bad";
        byId("state").textContent = "no answer: " + failure.message;
    }
    setTimeout(look, PERIOD_MS);
}

look();
