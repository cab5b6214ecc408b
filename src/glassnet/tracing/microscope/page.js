// The page: unpacks the program, computes it, and shows it.

class Page {
  constructor({ program, layers, classes, norms }) {
    Object.assign(this, { program, layers, classes, norms });
    this.shown = new Set(); // the arrays on the page
    this.changed = new Map(); // what a person changed, by name
    this.showsChange = false;
    this.colors = colorsNow();
    this.panel = new Panel(this);
    this.outcome = new Outcome(this);
  }

  start() {
    this.outcome.refresh();
    const example = document.getElementById("inputs");
    for (const [name, index] of Object.entries(this.program.inputs)) {
      if (["x", "y"].includes(kindOf(name))) example.append(numbersFor(this, { label: name, index, name }).root);
    }
    for (const details of document.querySelectorAll("details[data-layer]")) {
      const fill = () => { if (details.open) this.fill(details); };
      details.addEventListener("toggle", fill);
      fill();
    }
    document.getElementById("proof").textContent = this.proof();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.colors = colorsNow();
      this.refresh();
    });
    this.openFragment();
    addEventListener("hashchange", () => this.openFragment());
  }

  /** Show the arrays of a layer, once. */
  fill(details) {
    if (details.dataset.filled) return;
    details.dataset.filled = "yes";
    const { arrays } = this.layers[details.dataset.layer];
    const groups = [["Forward", []], ["Backward", []], ["Update", []]];
    for (const about of arrays) {
      const isGradient = about.label.startsWith("d_");
      const label = about.label.replace(/^d_/, "d loss / d ");
      const place = isGradient ? 1 : this.isOfUpdate(about) ? 2 : 0;
      groups[place][1].push(about.missing
        ? element("figure", { class: "array" }, element("figcaption", {}, element("b", {}, label), ` not computed: ${about.missing}`))
        : numbersFor(this, { ...about, label }).root);
    }
    for (const [title, figures] of groups) {
      if (figures.length) details.append(element("h4", {}, title), element("div", { class: "arrays" }, figures));
    }
  }

  isOfUpdate({ label }) {
    return label.startsWith("new ") || label.includes(" of ");
  }

  /** Change a number that was given, and compute what follows. */
  change(index, position, number) {
    const { program } = this;
    if (this.refusesClass(index, number)) return;
    const value = program.values[index];
    const changed = array(value.shape, value.data.slice(), value.dtype);
    changed.data[flatOf(value.shape, position)] = number;
    const inputs = new Map([...this.changed.values()].map((one) => [one.index, program.values[one.index]]));
    try {
      program.values = program.run(inputs.set(index, changed), undefined, program.original);
    } catch (problem) {
      const refused = document.getElementById("refused");
      refused.textContent = `The page can't follow this: ${problem.message}. Trace the model on the changed example.`;
      return;
    }
    const name = nameOf(program, index, position);
    if (number === entryAt(program.original[index], position)) this.changed.delete(name);
    else this.changed.set(name, { index, position, value: number });
    this.refresh();
    announce(`${name} is now ${shown(number)}; the loss is ${shown(program.values[program.marks.loss].data[0])}`);
  }

  /** Say so if a target is no class of its output: its loss would be none. */
  refusesClass(index, number) {
    const { inputs, marks, operations } = this.program;
    if (operations[index].dtype !== "int64") return false;
    const targets = Object.keys(inputs).filter((name) => kindOf(name) === "y");
    const output = Object.keys(marks).filter((name) => kindOf(name) === "prediction")[targets.findIndex((name) => inputs[name] === index)];
    if (output === undefined) return false;
    const classes = operations[marks[output]].shape.at(-1);
    if (number >= 0 && number < classes) return false;
    document.getElementById("refused").textContent = `There are classes 0 to ${classes - 1}.`;
    return true;
  }

  reset() {
    this.program.values = this.program.original;
    this.changed.clear();
    this.showsChange = false;
    this.refresh();
    announce("All numbers are as at first.");
  }

  showChange(isOn) {
    this.showsChange = isOn;
    this.refresh();
  }

  refresh() {
    this.outcome.refresh();
    for (const numbers of this.shown) numbers.refresh();
    this.panel.show();
  }

  /** How far the arrays computed here are from those of glassnet, by their norms. */
  proof() {
    const { names, original } = this.program;
    const largest = {}; // of arrays of a kind: beside it, a gradient that is 0 but for rounding is 0
    const kind = (index) => kindOf(names.get(index) ?? "");
    for (const [index, stored] of this.norms) {
      if (Number.isFinite(stored)) largest[kind(index)] = Math.max(largest[kind(index)] ?? 0, stored);
    }
    let worst = 0;
    for (const [index, stored] of this.norms) {
      const norm = Math.sqrt(original[index].data.reduce((sum, x) => sum + x * x, 0));
      const known = numberOf(stored);
      if (Object.is(norm, known) || Math.abs(norm - known) <= 1e-300) continue;
      worst = Math.max(worst, Math.abs(norm - known) / Math.max(known, 1e-3 * (largest[kind(index)] ?? 0), 1e-300));
    }
    const verdict = worst < 1e-9 ? "are those of glassnet" : "differ from those of glassnet: don't rely on this page in this browser";
    return `This page has computed all numbers itself; its ${count(this.norms.length, "array")} ${verdict} `
      + `(largest relative difference of their norms: ${worst.toExponential(1)}).`;
  }

  /** Open the number that the address names after #, such as "output of dense[4]". */
  openFragment() {
    let text;
    try {
      text = decodeURIComponent(location.hash.slice(1));
    } catch {
      return; // it is no name: a lone %
    }
    const [, name, places] = text.match(/^(.*?)(?:\[([\d, ]+)\])?$/s);
    const { program } = this;
    const index = program.marks[name] ?? program.inputs[name] ?? Number(name.match(/#(\d+)$/)?.[1] ?? NaN);
    const operation = program.operations[index];
    if (!operation) return;
    const position = places ? places.split(",").map(Number) : [];
    if (operation.shape.length > position.length && hidesExample(program, index, name)) position.unshift(0);
    const fits = position.length === operation.shape.length && position.every((i, axis) => i < operation.shape[axis]);
    if (fits) this.panel.open(index, position, { step: false });
  }
}

async function start() {
  try {
    const page = new Page(await unpacked(document.getElementById("trace").textContent));
    page.start();
    document.documentElement.dataset.ready = `${Math.round(performance.now())} ms`;
  } catch (problem) {
    document.getElementById("now").textContent = `This browser can't compute the trace: ${problem.message}`;
    throw problem;
  }
}

start();
