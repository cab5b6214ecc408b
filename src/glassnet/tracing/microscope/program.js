// The operations of a step, as tracing/program.py has them, computed here. Inputs and constants are
// stored; everything else follows from them.

class DecisionError extends Error {}

class Program {
  /** `stored`: the arrays of inputs and constants, by the place of their operation. */
  constructor(plain, stored) {
    this.operations = plain.operations.map((operation, index) => ({
      ...operation,
      index,
      layer: plain.layers[operation.layer],
      source: operation.source === null ? null : plain.sources[operation.source],
    }));
    this.inputs = plain.inputs;
    this.marks = plain.marks;
    this.decisions = plain.decisions;
    this.values = [];
    for (const operation of this.operations) {
      this.values.push(stored.get(operation.index) ?? this.computed(operation, this.values));
    }
    this.original = this.values;
    this.names = this.namesOf();
    this.users = this.usersOf();
    this.single = this.original[0].shape.length > 0 && this.original[0].shape[0] === 1;
    this.needs = new Map();
  }

  computed(operation, values) {
    if (operation.kind === "constant") {
      const value = numberOf(operation.value ?? operation.settings.fill);
      return array(operation.shape, new Float64Array(sizeOf(operation.shape)).fill(Number(value)), operation.dtype);
    }
    const operands = operation.operands.map((index) => values[index]);
    return compute(operation.kind, operands, operation.settings, operation.shape, operation.dtype);
  }

  /** The values of all operations, or of those that `until` needs, with these in place of the
   * recorded ones, a Map. Only what depends on them is computed again. Throws DecisionError if the
   * code would have decided otherwise. */
  run(replacements, until = this.operations.length - 1, from = this.values) {
    const values = from.slice();
    const changed = new Uint8Array(values.length);
    for (const [index, value] of replacements) {
      values[index] = value;
      changed[index] = 1;
    }
    for (const index of this.ancestors(until)) {
      const operation = this.operations[index];
      if (replacements.has(index) || !operation.operands.some((i) => changed[i])) continue;
      values[index] = this.computed(operation, values);
      changed[index] = 1;
    }
    for (const [index, count] of this.decisions) {
      if (count > until || !changed[index]) continue;
      if (values[index].data.some((x, i) => x !== this.original[index].data[i])) {
        const { source } = this.operations[index];
        throw new DecisionError(`the code would decide otherwise${source ? `: ${source.code}` : ""}`);
      }
    }
    return values;
  }

  /** The operations that this one and the decisions before it depend on, in order. */
  ancestors(index) {
    if (!this.needs.has(index)) {
      const needed = new Uint8Array(this.operations.length);
      if (index === this.operations.length - 1) needed.fill(1);
      needed[index] = 1;
      for (const [decided, count] of this.decisions) if (count <= index) needed[decided] = 1;
      for (let i = index; i >= 0; i--) if (needed[i]) for (const j of this.operations[i].operands) needed[j] = 1;
      this.needs.set(index, Array.from(needed.keys()).filter((i) => needed[i]));
    }
    return this.needs.get(index);
  }

  namesOf() {
    const names = new Map();
    for (const first of ["output", "prediction", "gradient", "new", "loss", "dy", "dx", "input"]) {
      for (const [name, index] of Object.entries(this.marks)) {
        if (name.startsWith(first) && !names.has(index)) names.set(index, name);
      }
    }
    for (const [name, index] of Object.entries(this.inputs)) names.set(index, name);
    return names;
  }

  usersOf() {
    const users = this.operations.map(() => []);
    for (const { index, operands } of this.operations) for (const i of new Set(operands)) users[i].push(index);
    return users;
  }
}
