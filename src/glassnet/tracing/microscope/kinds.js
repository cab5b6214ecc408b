// The kinds of operations, as in tracing/kinds.py: compute(kind, operands, settings, shape, dtype).

/** erf(x) = 2/√π ∫₀ˣ exp(−t²) dt: a series of positive terms below 3, a continued fraction above. */
function erf(x) {
  const size = Math.abs(x);
  if (Number.isNaN(x) || size > 6) return Number.isNaN(x) ? x : Math.sign(x);
  if (size < 3) {
    let term = x, sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) sum += term *= (2 * x * x) / (2 * n + 1);
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = size;
  for (let n = 60; n > 0; n--) fraction = size + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-size * size) / (Math.sqrt(Math.PI) * fraction));
}

/** The e of x = m 2^e with ½ ≤ |m| < 1; 0 for 0, infinity and NaN. */
function exponentOf(x) {
  const size = Math.abs(x);
  if (!size || !Number.isFinite(size)) return 0;
  let e = Math.floor(Math.log2(size)) + 1;
  while (size >= 2 ** e) e++;
  while (e > -1073 && size < 2 ** (e - 1)) e--;
  return e;
}

/** x 2^e, by two steps where 2^e alone is not a float. */
const ldexp = (x, e) => (Math.abs(e) < 1000 ? x * 2 ** e : x * 2 ** Math.trunc(e / 2) * 2 ** (e - Math.trunc(e / 2)));

/** To the nearest whole number; halves to the even one. */
function roundEven(x) {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 ? low + 1 : low;
}

const remainder = (x, y) => { const r = x % y; return r && r < 0 !== y < 0 ? r + y : r; };
const power = (x, y) => (x === 1 || y === 0 ? 1 : x ** y);
const bits = (operate, wide) => (x, y) =>
  x >= 0 && y >= 0 && x < 2 ** 31 && y < 2 ** 31 ? operate(x, y) : Number(wide(BigInt(x), BigInt(y)));

const ELEMENTWISE = {
  negative: (x) => -x,
  abs: Math.abs,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sqrt: Math.sqrt,
  sign: Math.sign,
  floor: Math.floor,
  round: roundEven,
  isfinite: (x) => Number(Number.isFinite(x)),
  erf,
  exponent: exponentOf,
  add: (x, y) => x + y,
  subtract: (x, y) => x - y,
  multiply: (x, y) => x * y,
  divide: (x, y) => x / y,
  floor_divide: (x, y) => Math.floor(x / y),
  remainder,
  power,
  ldexp,
  maximum: Math.max,
  minimum: Math.min,
  less: (x, y) => Number(x < y),
  less_equal: (x, y) => Number(x <= y),
  greater: (x, y) => Number(x > y),
  greater_equal: (x, y) => Number(x >= y),
  equal: (x, y) => Number(x === y),
  not_equal: (x, y) => Number(x !== y),
  and: bits((x, y) => x & y, (x, y) => x & y),
  or: bits((x, y) => x | y, (x, y) => x | y),
  xor: bits((x, y) => x ^ y, (x, y) => x ^ y),
  where: (condition, x, y) => (condition ? x : y),
};

function elementwise(of, operands, shape, dtype) {
  const data = new Float64Array(sizeOf(shape));
  const [a, b, c] = operands.map((x) =>
    sameShape(x.shape, shape) ? x : gathered(x, shape, offsets(shape, broadcastStrides(x.shape, shape))));
  if (operands.length === 1) for (let i = 0; i < data.length; i++) data[i] = of(a.data[i]);
  else if (operands.length === 2) for (let i = 0; i < data.length; i++) data[i] = of(a.data[i], b.data[i]);
  else for (let i = 0; i < data.length; i++) data[i] = of(a.data[i], b.data[i], c.data[i]);
  return array(shape, data, dtype);
}

/** A reduction over the setting `axis`, a list of axes. */
const reduction = (of, start) => ([x], settings, shape, dtype) => {
  const kept = x.shape.map((n, axis) => (settings.axis.includes(axis) ? 1 : n));
  const places = offsets(x.shape, broadcastStrides(kept, x.shape));
  const data = new Float64Array(sizeOf(shape)).fill(start);
  for (let i = 0; i < places.length; i++) data[places[i]] = of(data[places[i]], x.data[i]);
  return array(shape, data, dtype);
};

/** What is computed along one axis: of(the entries, where to write its results). */
const along = (of) => ([x], { axis }, shape, dtype) => {
  const length = x.shape[axis];
  const stride = stridesOf(x.shape)[axis];
  const rest = x.shape.map((n, i) => (i === axis ? 1 : n));
  const data = new Float64Array(sizeOf(shape));
  const line = new Float64Array(length);
  const single = data.length !== x.data.length || shape.length !== x.shape.length;
  offsets(rest, stridesOf(x.shape)).forEach((offset, number) => {
    for (let i = 0; i < length; i++) line[i] = x.data[offset + i * stride];
    of(line, (i, value) => { data[single ? number : offset + i * stride] = value; });
  });
  return array(shape, data, dtype);
};

function matmul([a, b], settings, shape) {
  const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
  const right = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
  const [rows, inner] = left.slice(-2);
  const columns = right.at(-1);
  const batch = left.length >= right.length ? left.slice(0, -2).map((n, i) => Math.max(n, right.at(i - left.length) ?? 1))
    : right.slice(0, -2).map((n, i) => Math.max(n, left.at(i - right.length) ?? 1));
  const ofLeft = offsets(batch, broadcastStrides(left.slice(0, -2), batch));
  const ofRight = offsets(batch, broadcastStrides(right.slice(0, -2), batch));
  const data = new Float64Array(sizeOf(shape));
  for (let n = 0; n < ofLeft.length; n++) {
    for (let row = 0; row < rows; row++) {
      const out = (n * rows + row) * columns;
      for (let k = 0; k < inner; k++) {
        const factor = a.data[(ofLeft[n] * rows + row) * inner + k];
        const start = (ofRight[n] * inner + k) * columns;
        for (let column = 0; column < columns; column++) data[out + column] += factor * b.data[start + column];
      }
    }
  }
  return array(shape, data);
}

function searchsorted([sorted, values], { side }, shape, dtype) {
  const before = side === "left" ? (x, value) => x < value : (x, value) => x <= value;
  return array(shape, values.data.map((value) => sorted.data.filter((x) => before(x, value)).length), dtype);
}

function cast([x], { dtype }, shape) {
  const of = { float64: (n) => n, int64: Math.trunc, bool: (n) => Number(n !== 0) }[dtype];
  return array(shape, dtype === "float64" || x.dtype === dtype ? x.data : x.data.map(of), dtype);
}

function getitem([x], { key }, shape) {
  const own = stridesOf(x.shape), strides = [];
  let axis = 0, offset = 0;
  for (const part of key) {
    if (part === null) { strides.push(0); continue; }
    const stride = own[axis++];
    offset += stride * (Array.isArray(part) ? part[0] : part);
    if (Array.isArray(part)) strides.push(stride * part[2]);
  }
  return gathered(x, shape, offsets(shape, [...strides, ...own.slice(axis)], offset));
}

/** An index as Python has it: −1 is the last. Raises if there is no such entry. */
function indexIn(length, index) {
  if (!(index >= -length && index < length)) throw new RangeError(`there is no entry ${index} of ${length}`);
  return index < 0 ? index + length : index;
}

function take([x, places], { axis }, shape) {
  const inner = sizeOf(x.shape.slice(axis + 1)), outer = sizeOf(x.shape.slice(0, axis));
  const data = new Float64Array(sizeOf(shape));
  let to = 0;
  for (let row = 0; row < outer; row++) {
    for (const place of places.data) {
      const start = (row * x.shape[axis] + indexIn(x.shape[axis], place)) * inner;
      data.set(x.data.subarray(start, start + inner), to);
      to += inner;
    }
  }
  return array(shape, data, x.dtype);
}

function takeAlong([x, places], { axis }, shape) {
  const strides = broadcastStrides(x.shape, shape);
  const own = stridesOf(x.shape)[axis];
  strides[axis] = 0;
  const chosen = offsets(shape, broadcastStrides(places.shape, shape));
  const from = offsets(shape, strides).map((offset, i) =>
    offset + own * indexIn(x.shape[axis], places.data[chosen[i]]));
  return gathered(x, shape, from);
}

/** Write arrays into one, each from its start on along the axis. */
function joined(parts, axis, shape, dtype) {
  const data = new Float64Array(sizeOf(shape));
  const strides = stridesOf(shape);
  let start = 0;
  for (const part of parts) {
    offsets(part.shape, strides, start * strides[axis]).forEach((to, i) => { data[to] = part.data[i]; });
    start += part.shape[axis];
  }
  return array(shape, data, dtype);
}

function pad([x], { widths, value }, shape, dtype) {
  const data = new Float64Array(sizeOf(shape)).fill(Number(numberOf(value)));
  const strides = stridesOf(shape);
  const first = widths.reduce((sum, [before], axis) => sum + before * strides[axis], 0);
  offsets(x.shape, strides, first).forEach((to, i) => { data[to] = x.data[i]; });
  return array(shape, data, dtype);
}

function repeat([x], { axis, times }, shape) {
  const inner = sizeOf(x.shape.slice(axis + 1));
  const places = new Int32Array(sizeOf(shape));
  for (let i = 0; i < places.length; i++) {
    const row = Math.floor(i / inner);
    places[i] = Math.floor(row / times) * inner + (i % inner);
  }
  return gathered(x, shape, places);
}

/** A number as JSON has it, where infinity and NaN are texts. */
const numberOf = (value) => ({ inf: Infinity, "-inf": -Infinity, nan: NaN })[value] ?? value;

const WITH_SETTINGS = {
  sum: reduction((sum, x) => sum + x, 0),
  max: reduction(Math.max, -Infinity),
  min: reduction(Math.min, Infinity),
  any: reduction((before, x) => Number(before || x !== 0), 0),
  all: reduction((before, x) => Number(before && x !== 0), 1),
  argmax: along((line, write) => write(0, line.reduce((best, x, i) => (x > line[best] ? i : best), 0))),
  argsort: along((line, write) =>
    Array.from(line.keys()).sort((i, j) => line[i] - line[j]).forEach((from, i) => write(i, from))),
  cumulative_sum: along((line, write) => line.reduce((sum, x, i) => (write(i, sum + x), sum + x), 0)),
  matmul,
  searchsorted,
  astype: cast,
  reshape: ([x], settings, shape) => array(shape, x.data, x.dtype),
  permute: ([x], { axes }, shape) => {
    const strides = stridesOf(x.shape);
    return gathered(x, shape, offsets(shape, axes.map((axis) => strides[axis])));
  },
  broadcast: ([x], settings, shape) => gathered(x, shape, offsets(shape, broadcastStrides(x.shape, shape))),
  getitem,
  take,
  take_along: takeAlong,
  concat: (parts, { axis }, shape, dtype) => joined(parts, axis, shape, dtype),
  stack: (parts, { axis }, shape, dtype) =>
    joined(parts.map((x) => array([...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)], x.data)), axis, shape, dtype),
  pad,
  repeat,
};

/** The value of an operation for these values of its operands. */
function compute(kind, operands, settings, shape, dtype) {
  if (kind === "not") {
    const of = operands[0].dtype === "bool" ? (x) => 1 - x : (x) => -x - 1;
    return elementwise(of, operands, shape, dtype);
  }
  if (kind in ELEMENTWISE) return elementwise(ELEMENTWISE[kind], operands, shape, dtype);
  return WITH_SETTINGS[kind](operands, settings, shape, dtype);
}
