// Which entry of which operand an entry of an operation copies, or is computed of: movement.py.

/** The position in an operand of this shape that is broadcast to the position. */
const aligned = (position, shape) =>
  position.slice(position.length - shape.length).map((i, axis) => (shape[axis] === 1 ? 0 : i));

const replaced = (position, axis, ...values) => [...position.slice(0, axis), ...values, ...position.slice(axis + 1)];

const COPIES = {
  reshape: (settings, shape, [x], p) => [0, positionOf(x.shape, flatOf(shape, p))],
  permute: ({ axes }, shape, operands, p) => [0, p.map((_, axis) => p[axes.indexOf(axis)])],
  broadcast: (settings, shape, [x], p) => [0, aligned(p, x.shape)],
  getitem: ({ key }, shape, operands, p) => {
    const place = [];
    let next = 0;
    for (const part of key) {
      if (part === null) next++;
      else place.push(Array.isArray(part) ? part[0] + p[next++] * part[2] : part);
    }
    return [0, [...place, ...p.slice(next)]];
  },
  take: ({ axis }, shape, [x, places], p) => {
    const end = axis + places.shape.length;
    const index = entryAt(places, p.slice(axis, end));
    return [0, [...p.slice(0, axis), indexIn(x.shape[axis], index), ...p.slice(end)]];
  },
  take_along: ({ axis }, shape, [x, places], p) => {
    const index = indexIn(x.shape[axis], entryAt(places, aligned(p, places.shape)));
    return [0, aligned(replaced(p, axis, index), x.shape)];
  },
  concat: ({ axis }, shape, operands, p) => {
    let start = 0;
    for (const [number, part] of operands.entries()) {
      if (p[axis] < start + part.shape[axis]) return [number, replaced(p, axis, p[axis] - start)];
      start += part.shape[axis];
    }
    return null;
  },
  stack: ({ axis }, shape, operands, p) => [p[axis], replaced(p, axis)],
  pad: ({ widths }, shape, [x], p) => {
    const place = p.map((i, axis) => i - widths[axis][0]);
    return place.every((i, axis) => i >= 0 && i < x.shape[axis]) ? [0, place] : null;
  },
  repeat: ({ axis, times }, shape, operands, p) => [0, replaced(p, axis, Math.floor(p[axis] / times))],
  astype: (settings, shape, operands, p) => [0, p],
};

/** [operation, position] of the entry that is copied; null if it is no copy, or padding. */
function copiedFrom(program, operation, position) {
  const rule = COPIES[operation.kind];
  if (!rule) return null;
  const place = rule(operation.settings, operation.shape, operation.operands.map((i) => program.values[i]), position);
  return place && [operation.operands[place[0]], place[1]];
}

/** The entries that an entry of a reduction is computed of, in their order. */
function reduced(program, operation, position) {
  const [index] = operation.operands;
  const { axis, keepdims } = operation.settings;
  const { shape } = program.operations[index];
  if (operation.kind === "cumulative_sum") {
    return Array.from({ length: position[axis] + 1 }, (_, i) => [index, replaced(position, axis, i)]);
  }
  const axes = Array.isArray(axis) ? axis : [axis];
  const rest = position.filter((_, i) => !(keepdims && axes.includes(i)));
  const fixed = shape.map((_, i) => (axes.includes(i) ? null : rest.shift()));
  const lengths = axes.map((i) => shape[i]);
  return Array.from({ length: sizeOf(lengths) }, (_, flat) => {
    const inner = positionOf(lengths, flat);
    return [index, fixed.map((p) => (p === null ? inner.shift() : p))];
  });
}
