// The outcome: the prediction as bars, the loss, and the loss after the update.

const BARS = 12;

class Outcome {
  constructor(page) {
    this.page = page;
    this.root = document.getElementById("now");
    const { program } = page;
    this.predictions = Object.keys(program.marks).filter((name) => kindOf(name) === "prediction");
  }

  refresh() {
    const { page } = this;
    const { program } = page;
    const { loss } = program.marks;
    const now = program.values[loss].data[0], before = program.original[loss].data[0];
    const change = (value, old) => (Object.is(value, old) ? "" : element("small", {}, `before the changes: ${shown(old)}`));
    const after = this.lossAfterUpdate();
    this.root.replaceChildren(
      element("dl", { class: "numbers" },
        element("div", {}, element("dt", {}, "loss"),
          element("dd", {}, element("button", { class: "link", onclick: () => page.panel.open(loss, []) }, shown(now)), change(now, before))),
        element("div", {}, element("dt", {}, "loss after this update"), element("dd", {}, after))),
      ...this.predictions.map((name) => this.bars(name)),
      this.changes());
  }

  /** The loss of the new weights, of the same example. */
  lossAfterUpdate() {
    const { program } = this.page;
    const updated = Object.entries(program.inputs)
      .filter(([name]) => `new ${name}` in program.marks && `gradient of ${name}` in program.marks)
      .map(([name, index]) => [index, program.values[program.marks[`new ${name}`]]]);
    if (!updated.length) return "not computed: this step updates no weight";
    try {
      const { loss } = program.marks;
      return shown(program.run(new Map(updated), loss)[loss].data[0]);
    } catch (problem) {
      return `not computed: ${problem.message}`;
    }
  }

  bars(name) {
    const { page } = this;
    const { program, classes } = page;
    const index = program.marks[name];
    const { shape } = program.operations[index];
    const values = program.values[index].data, original = program.original[index].data;
    if (shape.length !== 2 || shape[0] !== 1) return "";
    const order = Array.from(values.keys());
    const many = order.length > BARS;
    if (many) order.sort((a, b) => values[b] - values[a]).splice(BARS);
    const largest = Math.max(...Array.from(values, Math.abs)) || 1;
    const ofClasses = classes.length === values.length, targets = ofClasses ? this.targets() : [];
    const rows = order.map((i) => element("tr", {},
      element("th", { scope: "row" }, ofClasses ? classes[i] : `${name}[${i}]`, targets.includes(i) ? element("span", { class: "target" }, " target") : ""),
      element("td", { class: "bar" }, element("span", { style: `width: ${(100 * Math.abs(values[i])) / largest}%` })),
      element("td", { class: "number" }, element("button", { class: "link", onclick: () => page.panel.open(index, [0, i]) }, shown(values[i], 4))),
      element("td", { class: "number soft" }, values[i] === original[i] ? "" : `was ${shown(original[i], 4)}`)));
    const caption = many ? `${name}: the ${BARS} largest of ${values.length}` : name;
    return element("table", { class: "bars" }, element("caption", {}, caption), element("tbody", {}, rows));
  }

  /** The classes that are the target: one, or those that apply. */
  targets() {
    const { program, classes } = this.page;
    const y = program.values[program.inputs.y];
    if (y?.data.length === 1) return [y.data[0]];
    return y?.data.length === classes.length ? Array.from(classes.keys()).filter((i) => y.data[i] === 1) : [];
  }

  /** What a person changed, with a button that takes it back. */
  changes() {
    const { page } = this;
    const { changed } = page;
    if (!changed.size) return "";
    const items = [...changed.values()].map(({ index, position, value }) =>
      element("li", {},
        element("button", { class: "link", onclick: () => page.panel.open(index, position) }, nameOf(page.program, index, position)),
        `: ${shown(entryAt(page.program.original[index], position))} → ${shown(value)}`));
    const toggle = element("input", { type: "checkbox", id: "changes-only", onchange: (event) => page.showChange(event.target.checked) });
    toggle.checked = page.showsChange;
    return element("div", { class: "changes" },
      element("h3", {}, "Changed by hand"), element("ul", {}, items),
      element("p", {}, toggle, element("label", { for: "changes-only" }, " Show what has changed in each array")),
      element("button", { onclick: () => page.reset() }, "Reset"));
  }
}
