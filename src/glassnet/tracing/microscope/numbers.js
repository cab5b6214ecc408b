// An array on the page: up to 40 numbers as buttons, more as a picture with a cursor.

const FEW = 40;
const WIDTH = 230; // pixels of a picture; more if it has more columns

/** What the two kinds have in common: the entries, and their colors. */
class Numbers {
  constructor(page, { label, index, name }) {
    this.page = page;
    this.index = index;
    this.name = name;
    const { shape } = page.program.operations[index];
    this.hidden = hidesExample(page.program, index, name);
    this.shape = this.hidden ? shape.slice(1) : shape;
    this.info = element("span", { class: "soft" });
    const size = this.data.length > 1 ? this.shape.join(" × ") : "";
    this.root = element("figure", { class: "array" },
      element("figcaption", {}, element("b", {}, label), ` ${size} `, this.info));
    page.shown.add(this);
  }

  get data() { return this.page.program.values[this.index].data; }
  get original() { return this.page.program.original[this.index].data; }

  position(flat) {
    const position = positionOf(this.shape, flat);
    return this.hidden ? [0, ...position] : position;
  }

  nameAt(flat) { return nameOf(this.page.program, this.index, this.position(flat)); }

  /** The numbers that are drawn: the values, or by how much they changed. */
  drawn() {
    const { data, original } = this;
    return this.page.showsChange ? data.map((x, i) => x - original[i]) : data;
  }

  refresh() {
    const { data, original } = this;
    let least = Infinity, most = -Infinity, changed = 0;
    for (let i = 0; i < data.length; i++) {
      least = Math.min(least, data[i]);
      most = Math.max(most, data[i]);
      if (data[i] !== original[i]) changed++;
    }
    const range = data.length > 1 ? `${shown(least, 3)} to ${shown(most, 3)}` : "";
    const equal = data.length > 1 && least === most ? `all ${shown(least, 4)}` : range;
    const target = this.name === "y" && data.length === 1 ? (this.page.classes[data[0]] ?? "") : "";
    this.info.textContent = target + equal + (changed ? `${equal ? "; " : ""}${count(changed, "number")} changed` : "");
    this.least = least;
    this.most = most;
    this.paint(this.drawn());
  }

  /** The colors: those of signs; the example itself is black on white. */
  get color() {
    const { colors, program, showsChange } = this.page;
    const isExample = Object.entries(program.inputs).some(([name, index]) => index === this.index && kindOf(name) === "x");
    return isExample && !showsChange ? colors.plain : colors.signed;
  }

  /** The largest size of what is drawn, 1 if all is 0. */
  scale(drawn) {
    return drawn.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0) || 1;
  }
}

class FewNumbers extends Numbers {
  constructor(page, about) {
    super(page, about);
    const columns = this.shape.length === 2 ? this.shape[1] : 0;
    this.buttons = Array.from(this.data, (_, flat) => element("button", {
      onclick: (event) => page.panel.open(this.index, this.position(flat), { origin: event.currentTarget }),
    }));
    const cells = element("div", { class: "few", style: columns ? `grid-template-columns: repeat(${columns}, max-content)` : null }, this.buttons);
    this.root.append(columns > 4 ? element("div", { class: "scroll" }, cells) : cells);
    this.refresh();
  }

  paint(drawn) {
    const scale = this.scale(drawn), { color } = this;
    this.buttons.forEach((button, flat) => {
      button.textContent = shown(drawn[flat], 4);
      button.style.background = `rgb(${color((0.4 * drawn[flat]) / scale)})`;
      const isChanged = this.data[flat] !== this.original[flat];
      button.classList.toggle("changed", isChanged);
      button.title = this.nameAt(flat) + (isChanged ? `, before: ${shown(this.original[flat])}` : "");
      button.setAttribute("aria-label", `${button.title}: ${button.textContent}`);
    });
  }
}

class ManyNumbers extends Numbers {
  constructor(page, about) {
    super(page, about);
    this.grid = gridOf(this.shape);
    const { rows, columns } = this.grid;
    this.place = this.largest();
    this.canvas = element("canvas", { width: columns, height: rows, "aria-hidden": "true" });
    this.cursor = element("span", { class: "cursor" });
    this.readout = element("button", { class: "link readout", onclick: () => this.open(true) });
    const size = Math.max(1, Math.min(16, Math.floor(WIDTH / columns)));
    this.box = element("div", {
      class: "picture", tabindex: 0, role: "application", "aria-roledescription": "array",
      "aria-label": `${this.name}, ${this.shape.join(" by ")}. Arrow keys move, Enter opens a number.`,
      style: `width: ${columns * size}px`,
      onkeydown: (event) => this.onKey(event),
      onfocus: () => this.moveTo(this.place),
      onclick: (event) => { if (this.moveTo(this.placeOf(event))) this.open(false); },
      onpointermove: (event) => this.tell(this.placeOf(event)),
    }, this.canvas, this.cursor);
    this.root.append(this.box, this.readout);
    this.refresh();
  }

  /** The cell of the number with the largest magnitude. */
  largest() {
    const { data } = this;
    const flat = data.reduce((best, x, i) => (Math.abs(x) > Math.abs(data[best]) ? i : best), 0);
    return this.grid.cells.indexOf(flat);
  }

  paint(drawn) {
    this.box.hidden = this.least === this.most && !this.page.showsChange;
    const { columns, rows, cells } = this.grid;
    const image = new ImageData(columns, rows), scale = this.scale(drawn), { color } = this;
    for (let i = 0; i < cells.length; i++) {
      if (cells[i] < 0) continue;
      const [red, green, blue] = color(drawn[cells[i]] / scale);
      image.data.set([red, green, blue, 255], 4 * i);
    }
    this.canvas.getContext("2d").putImageData(image, 0, 0);
    this.tell(this.place);
  }

  placeOf({ clientX, clientY }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const { rows, columns } = this.grid;
    const row = Math.floor(((clientY - top) / height) * rows), column = Math.floor(((clientX - left) / width) * columns);
    return Math.min(rows - 1, Math.max(0, row)) * columns + Math.min(columns - 1, Math.max(0, column));
  }

  /** Show the name and the number of a cell; false for a gap. */
  tell(place) {
    const flat = this.grid.cells[place];
    if (flat === undefined || flat < 0) return false;
    this.readout.textContent = `${this.nameAt(flat)} = ${shown(this.data[flat])}`;
    return true;
  }

  moveTo(place) {
    if (!this.tell(place)) return false;
    const { rows, columns } = this.grid;
    this.place = place;
    Object.assign(this.cursor.style, {
      left: `${(100 * (place % columns)) / columns}%`, top: `${(100 * Math.floor(place / columns)) / rows}%`,
      width: `${100 / columns}%`, height: `${100 / rows}%`,
    });
    announce(this.readout.textContent);
    return true;
  }

  open(focus) {
    const flat = this.grid.cells[this.place];
    this.page.panel.open(this.index, this.position(flat), { origin: this.box, focus });
  }

  onKey(event) {
    const { rows, columns } = this.grid;
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (event.key === "Enter" || event.key === " ") this.open(true);
    else if (event.key === "Home") this.moveTo(0);
    else if (event.key in steps) {
      const [down, right] = steps[event.key];
      let row = Math.floor(this.place / columns), column = this.place % columns;
      do { // over the gaps between tiles
        row += down;
        column += right;
        if (row < 0 || row >= rows || column < 0 || column >= columns) break;
      } while (!this.moveTo(row * columns + column));
    } else return;
    event.preventDefault();
  }
}

const numbersFor = (page, about) =>
  new (sizeOf(page.program.operations[about.index].shape) <= FEW ? FewNumbers : ManyNumbers)(page, about);
