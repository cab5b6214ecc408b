// The panel of one number: what it is made of, its derivative, and a field to change it.

class Panel {
  constructor(page) {
    this.page = page;
    this.root = document.getElementById("panel");
    this.help = [...this.root.childNodes]; // what it shows before a number is opened
    this.before = []; // the numbers that were opened before, the last one last
    this.most = 12;
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") (this.before.length ? this.back() : this.close());
    });
  }

  /** Open a number; `origin` is the element that Escape returns to. */
  open(index, position, { origin = null, focus = false, step = true } = {}) {
    if (this.entry && step) this.before.push(this.entry);
    if (origin) this.origin = origin;
    this.entry = [index, position];
    this.most = 12;
    this.show();
    const name = nameOf(this.page.program, index, position);
    history.replaceState(null, "", `#${encodeURIComponent(name)}`);
    announce(`${name} is ${resultOf(this.terms)}${this.summary()}`);
    if (focus) this.root.querySelector("h2").focus();
  }

  back() {
    const [index, position] = this.before.pop();
    this.open(index, position, { step: false, focus: true });
  }

  close() {
    this.entry = null;
    this.before = [];
    this.root.replaceChildren(...this.help);
    history.replaceState(null, "", location.pathname);
    this.origin?.focus();
  }

  summary() {
    const { kind, terms } = this.terms;
    if (kind === "value") return "";
    if (kind !== "sum") return `, ${this.terms.formula}`;
    return terms.length === 1 ? ", a product" : `, the sum of ${count(terms.length, "term")}`;
  }

  show() {
    if (!this.entry) return;
    const { program } = this.page;
    const [index, position] = this.entry;
    const terms = termsOf(program, index, position);
    this.terms = terms;
    const original = entryAt(program.original[index], position);
    const { name, value } = terms.result;
    this.root.replaceChildren(
      element("div", { class: "steps" },
        this.before.length ? element("button", { onclick: () => this.back() }, "← Back") : null,
        element("button", { onclick: () => this.close() }, "Close")),
      element("h2", { tabindex: -1 }, name),
      element("p", { class: "result" }, "= ", resultOf(terms),
        Object.is(value, original) ? null : element("small", {}, ` before the changes: ${shown(original)}`)),
      this.editor(terms),
      ...terms.why.map((reason) => element("p", { class: "soft" }, reason)),
      terms.code ? element("pre", {}, element("code", {}, terms.code), element("span", { class: "soft" }, `\n${terms.where}`)) : "",
      this.made(terms),
      this.slope(index, position),
    );
  }

  /** A button that opens a factor; constants of the code are only a number. */
  link({ operation, position, name }) {
    if (this.page.program.operations[operation].kind === "constant") return element("span", {}, name);
    return element("button", { class: "link", onclick: () => this.open(operation, position, { focus: true }) }, name);
  }

  /** What the number is made of, as a table. */
  made(terms) {
    if (terms.kind === "value") return terms.formula === terms.result.name ? "" : element("p", {}, `= ${terms.formula}`);
    if (terms.kind !== "sum") {
      const rows = operandRows(terms, this.most).map(({ entry, text }) =>
        element("tr", {}, element("td", {}, this.link(entry)), element("td", { class: "number" }, text)));
      return this.table(`= ${terms.formula}`, rows);
    }
    const many = terms.terms.length > 1;
    const { rows, rest } = sumRows(terms, this.most);
    const lines = rows.map(({ term, numbers, value }) => element("tr", {},
      element("td", {},
        many ? (term.sign < 0 ? "− " : "+ ") : "", term.factors.map((factor, i) => [i ? " · " : "", this.link(factor)]),
        numbers.length > 1 ? element("div", { class: "factors" }, numbers.join(" · ")) : ""),
      element("td", { class: "number" }, value)));
    if (rest) {
      const more = () => { this.most += 50; this.show(); this.root.querySelector("h2").focus(); };
      lines.push(element("tr", {},
        element("td", {}, "+ ", element("button", { class: "link", onclick: more }, count(rest.count, "more term"))),
        element("td", { class: "number" }, rest.value)));
    }
    lines.push(element("tr", { class: "total" },
      element("td", {}, "="), element("td", { class: "number" }, resultOf(terms))));
    return this.table(many ? `= the sum of ${count(terms.terms.length, "term")}, the largest first` : "= the product", lines);
  }

  table(caption, rows) {
    return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
      element("table", {}, element("caption", {}, caption), element("tbody", {}, rows)));
  }

  /** The derivative of the loss: of the backward pass, and by finite differences; "" for what comes
   * after the loss. */
  slope(index, position) {
    const { program } = this.page;
    const isAhead = ["forward", "loss"].includes(program.operations[index].phase);
    if (!isAhead || index === program.marks.loss) return "";
    const own = backward(program, index, position);
    const measured = element("dd", {}, "computing …");
    const error = element("p", { class: "soft" });
    const values = program.values;
    const isStale = () => program.values !== values || this.entry?.[0] !== index || String(this.entry[1]) !== String(position);
    let last = performance.now();
    const pause = async () => {
      if (performance.now() - last < 40) return;
      await new Promise((resolve) => { setTimeout(resolve); });
      last = performance.now();
      if (isStale()) throw new Error("another number was opened");
    };
    difference(program, index, position, pause).then(({ value, missing }) => {
      if (isStale()) return;
      measured.replaceChildren(missing ? `none, as ${missing}` : shown(value, 8));
      if (missing || own.missing) return;
      const size = Math.max(Math.abs(own.value), Math.abs(value));
      const relative = size ? Math.abs(own.value - value) / size : 0;
      error.textContent = `Relative error: ${relative.toExponential(1)}`;
    });
    const opened = own.missing ? `not computed: ${own.missing}`
      : element("button", { class: "link", onclick: () => this.open(...own.entry, { focus: true }) }, shown(own.value, 8));
    return element("section", { class: "slope" },
      element("h3", {}, "Derivative of the loss"),
      element("dl", {}, element("dt", {}, "backward pass"), element("dd", {}, opened), element("dt", {}, "finite difference"), measured),
      error);
  }

  /** A field for what a person can change: the example, the target, weights, the optimizer's state. */
  editor({ kind, entry: [index, position] }) {
    const { program } = this.page;
    const { kind: of, dtype } = program.operations[index];
    if (kind !== "value" || of !== "input") return "";
    const whole = dtype !== "float64";
    const value = entryAt(program.values[index], position);
    const field = element("input", { type: "number", step: whole ? 1 : "any", value: String(value), id: "changed-to" });
    const set = (event) => {
      event.preventDefault();
      const number = Number(field.value);
      if (field.value === "" || !Number.isFinite(number) || (whole && !Number.isInteger(number))) return;
      this.page.change(index, position, number);
      document.getElementById("changed-to")?.focus();
    };
    return element("form", { class: "change", onsubmit: set },
      element("label", { for: "changed-to" }, "Change it to"), field, element("button", { type: "submit" }, "Change"),
      element("p", { class: "warn", id: "refused", role: "alert" }));
  }
}
