// What one number is made of, as in tracing/terms.py: copies and choices are followed to what they
// copy; a sum of products is one list of terms, however it is computed.

const SIGNS = {
  add: ["", " + "], subtract: ["", " − "], multiply: ["", " · "], divide: ["", " / "], power: ["", " ^ "],
  negative: ["−"], less: ["", " < "], less_equal: ["", " ≤ "], greater: ["", " > "], greater_equal: ["", " ≥ "],
  equal: ["", " = "], not_equal: ["", " ≠ "], abs: ["|", "|"], sqrt: ["√"],
};
const SUMS = ["add", "subtract", "negative", "sum", "matmul", "cumulative_sum"];
const OF_ALL = ["argmax", "argsort", "any", "all", "searchsorted"]; // computed of whole lines

/** {result, kind, formula, terms: [{factors, value, sign}], why, code, where} of an entry. */
function termsOf(program, index, position) {
  const result = entryOf(program, index, position);
  let why;
  [index, position, why] = followed(program, index, position);
  const operation = program.operations[index];
  const { source, kind } = operation;
  const about = {
    result, why, terms: [], entry: [index, position], code: source?.code ?? "",
    where: source ? `${source.file}:${source.line} ${source.function}` : "",
  };
  if (["input", "constant", "pad"].includes(kind)) {
    return { ...about, kind: "value", formula: kind === "pad" ? "padding" : nameOf(program, index, position) };
  }
  if (SUMS.includes(kind)) {
    const terms = [...sumTerms(program, index, position, operation, 1)];
    return { ...about, kind: "sum", formula: kind === "matmul" ? "the sum of products" : "the sum", terms };
  }
  if (kind === "multiply") {
    const term = product(program, index, position, 1);
    return { ...about, kind: "sum", formula: term.factors.map((f) => f.name).join(" · "), terms: [term] };
  }
  const entries = [...operandsOf(program, operation, position)];
  const names = entries.map((entry) => entry.name);
  const [before, after] = SIGNS[kind] ?? [];
  let formula;
  if (before === undefined || names.length > 2) {
    const few = names.length <= 4 ? names : [...names.slice(0, 2), "...", names.at(-1)];
    formula = `${kind}(${few.join(", ")})`;
  } else if (names.length === 2) formula = names.join(after);
  else formula = `${before}${names[0]}${after ?? ""}`;
  const computed = (numbers) => {
    if (OF_ALL.includes(kind)) return result.value;
    const operands = numbers.map(([number], i) => {
      const { dtype } = entries[i];
      return array([], Float64Array.of(dtype === "int64" ? Math.trunc(number) : number), dtype);
    });
    return compute(kind, operands, {}, [], operation.dtype).data[0];
  };
  const terms = entries.map((entry) => ({ factors: [entry], value: entry.value, sign: 1 }));
  return { ...about, kind, formula, terms, computed };
}

function entryOf(program, index, position) {
  const { dtype } = program.operations[index];
  const name = nameOf(program, index, position);
  return { operation: index, position, value: entryAt(program.values[index], position), name, dtype };
}

/** An operand: the entry that it copies, followed to the first with a name or that is no copy. */
function operand(program, index, position) {
  [index, position] = uncopied(program, index, position);
  return entryOf(program, index, position);
}

function uncopied(program, index, position) {
  while (!program.names.has(index)) {
    const before = copiedFrom(program, program.operations[index], position);
    if (!before) break;
    [index, position] = before;
  }
  return [index, position];
}

/** The entry that is computed, not copied or chosen, and the reasons of the choices. */
function followed(program, index, position) {
  const why = [];
  for (;;) {
    const operation = program.operations[index];
    const before = copiedFrom(program, operation, position) ?? chosen(program, operation, position, why);
    if (!before) return [index, position, why];
    [index, position] = before;
  }
}

const valueAt = (program, [index, position]) => entryAt(program.values[index], position);
/** The place of the largest, the first one; of NaN, if there is one, as NumPy has it. */
const largestOf = (values) => values.reduce((best, x, i) => (x > values[best] || (x !== x && values[best] === values[best]) ? i : best), 0);

/** The entry that max, maximum, minimum or where chooses; null for a number of the code. */
function chosen(program, operation, position, why) {
  const { kind } = operation;
  if (kind === "max" || kind === "min") {
    const entries = reduced(program, operation, position);
    const sign = kind === "max" ? 1 : -1;
    const place = largestOf(entries.map((entry) => sign * valueAt(program, entry)));
    const word = kind === "max" ? "largest" : "smallest";
    if (entries.length > 1) why.push(`the ${word} of ${entries.length}: ${nameOf(program, ...entries[place])}`);
    return entries[place];
  }
  if (!["maximum", "minimum", "where"].includes(kind)) return null;
  let places = operation.operands.map((i) => [i, aligned(position, program.operations[i].shape)]);
  const values = places.map((place) => valueAt(program, place));
  let place, word;
  if (kind === "where") {
    const [condition, ...rest] = places;
    places = rest;
    place = values[0] ? 0 : 1;
    word = `where(${nameOf(program, ...condition)}) is ${Boolean(values[0])}`.toLowerCase();
  } else {
    place = largestOf(values.map((x) => (kind === "maximum" ? x : -x)));
    const other = places[1 - place];
    const isConstant = program.operations[other[0]].kind === "constant";
    const number = shown(values[1 - place], 6);
    word = `the ${kind === "maximum" ? "larger" : "smaller"} of two: the other is `
      + (isConstant ? number : `${nameOf(program, ...other)} = ${number}`);
  }
  if (program.operations[places[place][0]].kind === "constant") return null;
  why.push(word);
  return places[place];
}

/** The terms of a sum; sums inside it, of the same function of the same layer, are one. */
function* sumTerms(program, index, position, of, sign) {
  const operation = program.operations[index];
  if (operation.kind === "matmul") {
    yield* matmulTerms(program, operation, position, sign);
    return;
  }
  const signs = { add: [1, 1], subtract: [1, -1], negative: [-1] }[operation.kind];
  const places = signs
    ? operation.operands.map((i) => [i, aligned(position, program.operations[i].shape)])
    : reduced(program, operation, position);
  for (const [i, [inner, place]] of places.entries()) yield* partTerms(program, inner, place, of, sign * (signs?.[i] ?? 1));
}

function* partTerms(program, index, position, of, sign) {
  [index, position] = uncopied(program, index, position);
  const operation = program.operations[index];
  const same = !program.names.has(index) && operation.layer === of.layer
    && operation.source?.function === of.source?.function;
  if (same && SUMS.includes(operation.kind)) yield* sumTerms(program, index, position, of, sign);
  else if (same && operation.kind === "multiply") yield product(program, index, position, sign);
  else {
    const entry = entryOf(program, index, position);
    yield { factors: [entry], value: sign * entry.value, sign };
  }
}

function* matmulTerms(program, operation, position, sign) {
  const [a, b] = operation.operands;
  const left = program.operations[a].shape, right = program.operations[b].shape;
  const rest = [...position];
  const column = right.length > 1 ? [rest.pop()] : [];
  const row = left.length > 1 ? [rest.pop()] : [];
  const ofLeft = aligned(rest, left.slice(0, -2)), ofRight = aligned(rest, right.slice(0, -2));
  for (let k = 0; k < left.at(-1); k++) {
    const factors = [operand(program, a, [...ofLeft, ...row, k]), operand(program, b, [...ofRight, k, ...column])];
    yield { factors, value: sign * factors[0].value * factors[1].value, sign };
  }
}

/** The product, with those inside it, of the same statement, as one. */
function product(program, top, position, sign) {
  const key = (source) => source && `${source.file}:${source.line}:${source.function}:${source.part}`;
  const own = key(program.operations[top].source);
  function* factors(index, place) {
    const operation = program.operations[index];
    const inside = operation.kind === "multiply" && key(operation.source) === own;
    if (index !== top && (program.names.has(index) || !inside)) {
      yield operand(program, index, place);
      return;
    }
    for (const i of operation.operands) yield* factors(i, aligned(place, program.operations[i].shape));
  }
  const entries = [...factors(top, position)];
  return { factors: entries, value: entries.reduce((all, entry) => all * entry.value, sign), sign };
}

function* operandsOf(program, operation, position) {
  const { kind, operands, settings } = operation;
  if (["argmax", "any", "all"].includes(kind)) {
    for (const [index, place] of reduced(program, operation, position)) yield operand(program, index, place);
  } else if (kind === "argsort") {
    const { axis } = settings;
    for (let i = 0; i < operation.shape[axis]; i++) yield operand(program, operands[0], replaced(position, axis, i));
  } else if (kind === "searchsorted") {
    const [boundaries, values] = operands;
    yield operand(program, values, position);
    for (let i = 0; i < program.operations[boundaries].shape[0]; i++) yield operand(program, boundaries, [i]);
  } else {
    for (const i of operands) yield operand(program, i, aligned(position, program.operations[i].shape));
  }
}
