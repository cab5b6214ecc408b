// Derivatives of the loss: of the backward pass, and by central differences with Ridders'
// extrapolation, as in tracing/differences.py and tracing/values.py.

const STEPS = 10; // h, h/2, ..., h/512
const KINK = 1e-3; // relative difference of the slopes on both sides, above which there is none

/** {value} or {missing: why} of the derivative of the loss with respect to an entry, measured.
 * `pause` is awaited between the runs, so that the page can answer meanwhile. */
async function difference(program, index, position, pause = async () => {}) {
  const target = program.marks.loss;
  const { dtype, shape } = program.operations[index];
  if (dtype !== "float64") return { missing: `it is ${dtype}, not a real number` };
  if (!program.ancestors(target).includes(index)) return { missing: "the loss is not computed from it" };
  const value = program.values[index];
  const flat = flatOf(shape, position);
  const at = value.data[flat];
  if (!value.data.every(Number.isFinite)) return { missing: "its array has numbers that are not finite" };
  if (!Number.isFinite(program.values[target].data[0])) return { missing: "the loss is not finite" };
  const loss = async (h) => {
    const changed = array(shape, value.data.slice(), dtype);
    changed.data[flat] = at + h;
    const result = program.run(new Map([[index, changed]]), target)[target].data[0];
    await pause();
    return result;
  };
  const mean = value.data.reduce((sum, x) => sum + Math.abs(x), 0) / value.data.length;
  const first = 2 ** roundEven(Math.log2((Math.max(Math.abs(at), mean) || 1) / 16)); // x + h − x is exactly h
  const table = [], gaps = [];
  let best = NaN, error = Infinity, middle, up, down, h;
  try {
    middle = await loss(0);
    for (let i = 0; i < STEPS; i++) {
      h = first / 2 ** i;
      up = await loss(h);
      down = await loss(-h);
      gaps.push(Math.abs(up - 2 * middle + down) / h); // of the slopes on both sides
      const row = [(up - down) / (2 * h)];
      for (let j = 1; j <= i; j++) {
        const factor = 4 ** j;
        row.push((factor * row[j - 1] - table[i - 1][j - 1]) / (factor - 1));
        const change = Math.max(Math.abs(row[j] - row[j - 1]), Math.abs(row[j] - table[i - 1][j - 1]));
        if (change <= error) [best, error] = [row[j], change];
      }
      table.push(row);
    }
  } catch (problem) {
    return { missing: problem.message };
  }
  const above = (up - middle) / h, below = (middle - down) / h;
  const noise = (4 * Number.EPSILON * Math.abs(middle)) / h;
  const kink = gaps.at(-1) > KINK * Math.max(Math.abs(above), Math.abs(below)) + noise;
  if (kink && gaps.at(-1) > 0.75 * gaps.at(-2)) { // of a smooth function, it halves with h
    return { missing: `it has a kink here: the slope is ${shown(below, 4)} below, ${shown(above, 4)} above` };
  }
  return { value: best };
}

/** The operation that is the derivative of the loss with respect to this one, or null. */
function gradientOf(program, index) {
  const marks = Object.entries(program.marks);
  for (const [name, place] of marks) {
    const gradient = place === index && name.startsWith("output") ? program.marks[name.replace("output", "dy")] : undefined;
    if (gradient !== undefined && !reachesAnother(program, name)) return gradient;
  }
  const weight = Object.keys(program.inputs).find((name) => program.inputs[name] === index);
  if (weight === undefined) return null;
  if (`gradient of ${weight}` in program.marks) return program.marks[`gradient of ${weight}`];
  for (const [name, place] of marks) {
    const whole = place === index && name.startsWith("input") && name.endsWith("the network");
    const gradient = whole ? program.marks[name.replace("input", "dx")] : undefined;
    if (gradient !== undefined) return gradient;
  }
  return null;
}

/** True if another output of the same call, such as a state, is computed from this one: its dy is
 * the derivative with that output held. */
function reachesAnother(program, output) {
  const [place, of] = output.split(" of ");
  return place.includes(".") && Object.entries(program.marks).some(([name, index]) =>
    name !== output && name.startsWith("output.") && name.split(" of ")[1] === of
      && program.ancestors(index).includes(program.marks[output]));
}

/** The derivative of the backward pass: {value, entry}, or {missing: why}. */
function backward(program, index, position) {
  const place = gradientOf(program, index);
  if (place !== null) return { value: entryAt(program.values[place], position), entry: [place, position] };
  return { missing: "the backward pass has no array of it" };
}
