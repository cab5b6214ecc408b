// Numbers as they are shown, as in tracing/digits.py: each result can be computed from the operands
// beside it, to its last digit.

const DIGITS = 5;
const EXACT = 17; // significant digits of a float64

/** A number with so many significant digits, as Python's format "g" writes it. */
function shown(value, digits = DIGITS) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return "0";
  const [mantissa, exponent] = significant(Math.abs(value), digits);
  const sign = value < 0 ? "-" : "";
  const trimmed = (text) => sign + (text.includes(".") ? text.replace(/\.?0*$/, "") : text);
  if (exponent < -4 || exponent >= digits) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${trimmed(`${mantissa[0]}.${mantissa.slice(1)}`)}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return trimmed(`0.${"0".repeat(-exponent - 1)}${mantissa}`);
  return trimmed(`${mantissa.slice(0, exponent + 1)}.${mantissa.slice(exponent + 1)}`);
}

/** The first digits of a positive number, and the power of ten of the first one. JavaScript rounds
 * halves up; Python, to the even digit. */
function significant(value, digits) {
  const [rounded, exponent] = value.toExponential(digits - 1).split("e");
  const exact = value.toExponential(60).split("e")[0].replace(".", "");
  const isHalf = exact[digits] === "5" && !/[1-9]/.test(exact.slice(digits + 1));
  const isEven = "02468".includes(exact[digits - 1]);
  return [isHalf && isEven ? exact.slice(0, digits) : rounded.replace(".", ""), Number(exponent)];
}

/** The result as it is shown: with no digits below the rounding errors of the terms. */
function resultOf(terms) {
  const { value } = terms.result;
  const largest = terms.terms.reduce((most, term) => Math.max(most, Math.abs(term.value)), 0);
  if (terms.kind !== "sum" || !Number.isFinite(value) || !value || !Number.isFinite(largest)) return shown(value);
  const certain = Math.floor(Math.log10(Math.abs(value))) - Math.floor(Math.log10(largest || 1)) + 13;
  return certain > 0 ? shown(value, Math.min(DIGITS, certain)) : "0";
}

/** The rows of a sum: {term, numbers, value} of the `most` largest terms, and {count, value} of the
 * rest, or null. */
function sumRows(terms, most) {
  const order = [...terms.terms].sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const largest = order.length <= most + 1 ? order : order.slice(0, most);
  const rest = order.slice(largest.length);
  const others = exactSum(rest.map((term) => term.value));
  const result = resultOf(terms);
  let rows, other;
  for (let digits = DIGITS; digits <= EXACT; digits++) {
    other = shown(others, digits);
    let total = rest.length ? Number(other) : 0;
    rows = largest.map((term) => {
      const numbers = term.factors.map((factor) => shown(factor.value, digits));
      const value = shown(numbers.reduce((product, text) => product * readNumber(text), 1), digits);
      total += term.sign * readNumber(value);
      return { term, numbers, value };
    });
    if (isShownAs(total, result)) break;
  }
  return { rows, rest: rest.length ? { count: rest.length, value: other } : null };
}

/** The operands of an elementwise operation: {entry, text}. */
function operandRows(terms, most) {
  const result = resultOf(terms);
  const entries = terms.terms.map((term) => term.factors[0]);
  let digits = DIGITS;
  for (; digits < EXACT; digits++) {
    const numbers = entries.map((entry) => [readNumber(shown(entry.value, digits))]);
    if (isShownAs(terms.computed(numbers), result)) break;
  }
  return entries.slice(0, Math.max(most, 3)).map((entry) => ({ entry, text: shown(entry.value, digits) }));
}

const readNumber = (text) => Number(numberOf(text));

/** True if the value, rounded to the digits of the text, is the text. */
function isShownAs(value, text) {
  const number = readNumber(text);
  if (!Number.isFinite(number)) return Object.is(value, number);
  const [mantissa, exponent] = text.split("e");
  const places = (mantissa.split(".")[1] ?? "").length;
  let unit = 10 ** (Number(exponent ?? 0) - places);
  if (!mantissa.includes(".") && !exponent) { // zeros at the end may have been cut off
    unit = number ? 10 ** (Math.floor(Math.log10(Math.abs(number))) - DIGITS + 1) : 1e-12;
  }
  return Math.abs(value - number) <= 0.5 * unit * (1 + 1e-9) || value === number;
}

/** The sum without rounding errors on the way (Neumaier). */
function exactSum(numbers) {
  let sum = 0, lost = 0;
  for (const x of numbers) {
    const next = sum + x;
    lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
  }
  return Number.isFinite(sum) ? sum + lost : sum;
}
