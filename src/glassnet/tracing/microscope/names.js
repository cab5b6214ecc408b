// The names of numbers, as in tracing/names.py: x[3, 5], dense/kernel[117, 4], else the code's.

const LONG = 60; // characters of an expression, above which it is no name

/** "output" of "output.1 of merge", "x" of "x.image", else the name itself. */
function kindOf(name) {
  const first = name.includes(" of ") ? name.split(" of ")[0] : name.split(" ")[0];
  return first.split(".")[0];
}

/** True for what has the examples on its first axis. */
const hasExamples = (name) => ["x", "y", "input", "output", "dy", "dx", "prediction"].includes(kindOf(name));

/** True if the first axis of what has this name is that of the one example, which names leave out. */
const hidesExample = (program, index, name) =>
  hasExamples(name) && program.single && program.operations[index].shape[0] === 1;

/** The entry with a name that this one copies; itself if there is none. */
function namedEntry(program, index, position) {
  let place = [index, position];
  while (place && !program.names.has(place[0])) place = copiedFrom(program, program.operations[place[0]], place[1]);
  return place ?? [index, position];
}

function nameOf(program, index, position = []) {
  let [place, at] = namedEntry(program, index, position);
  const operation = program.operations[place];
  const own = program.names.get(place);
  let name = own ?? (operation.name || inCode(program, place));
  if (own === undefined && operation.kind !== "constant") name = `${name} #${place}`;
  if (!operation.shape.length) return name;
  if (own !== undefined && hidesExample(program, place, own)) at = at.slice(1);
  return at.length ? `${name}[${at.join(", ")}]` : name;
}

/** What the code calls an operation's value: softmax.e, a variable; or an expression. */
function inCode(program, index) {
  const operation = program.operations[index];
  const { source } = operation;
  if (operation.kind === "constant" && !operation.shape.length) {
    const value = program.values[index].data[0];
    if (operation.dtype === "bool") return value ? "True" : "False";
    return operation.dtype === "float64" ? shown(value, 6) : String(value);
  }
  if (!source || !(source.part || source.target)) return operation.kind;
  const part = source.part || source.target;
  const same = (other) => other && ["file", "line", "function", "code", "target", "part"].every((key) => other[key] === source[key]);
  if (program.users[index].some((i) => same(program.operations[i].source))) return `${operation.kind} in (${part})`;
  const last = source.function.split(".").at(-1);
  if (part.length > LONG) return `${operation.kind} in ${last}`;
  if (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(part) || part === source.target) return `${last}.${part}`;
  return `(${part})`;
}
