// Arrays: {shape, data, dtype}. `data` is a Float64Array in C order, for whole numbers and truth
// values (0, 1) too; dtype is "float64", "int64" or "bool". Operations share data, and never write
// into that of their operands.

const array = (shape, data, dtype = "float64") => ({ shape, data, dtype });
const sizeOf = (shape) => shape.reduce((product, n) => product * n, 1);

function stridesOf(shape) {
  const strides = new Array(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** The place in `data` of an entry. */
function flatOf(shape, position) {
  let flat = 0;
  for (let axis = 0; axis < shape.length; axis++) flat = flat * shape[axis] + position[axis];
  return flat;
}

/** The entry at a place in `data`. */
function positionOf(shape, flat) {
  const position = new Array(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    position[axis] = flat % shape[axis];
    flat = Math.floor(flat / shape[axis]);
  }
  return position;
}

/** The entry at a position. */
const entryAt = (x, position) => x.data[flatOf(x.shape, position)];

/** For each entry of an array of this shape, in C order, offset + Σ position[axis] · strides[axis]. */
function offsets(shape, strides, offset = 0) {
  const result = new Int32Array(sizeOf(shape));
  if (!result.length) return result;
  const position = new Array(shape.length).fill(0);
  for (let i = 0; i < result.length; i++) {
    result[i] = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      offset += strides[axis];
      if (++position[axis] < shape[axis]) break;
      offset -= strides[axis] * shape[axis];
      position[axis] = 0;
    }
  }
  return result;
}

/** The strides of an array in one that it is broadcast to: 0 along axes that are repeated. */
function broadcastStrides(shape, to) {
  const strides = stridesOf(shape);
  const missing = to.length - shape.length;
  return to.map((_, axis) => {
    const own = axis - missing;
    return own < 0 || shape[own] === 1 ? 0 : strides[own];
  });
}

/** The entries of x at these places in its data, in an array of this shape. */
function gathered(x, shape, places) {
  const data = new Float64Array(places.length);
  for (let i = 0; i < data.length; i++) data[i] = x.data[places[i]];
  return array(shape, data, x.dtype);
}

const sameShape = (a, b) => a.length === b.length && a.every((n, axis) => n === b[axis]);
