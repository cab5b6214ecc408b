// Elements of the page.

/** An element with attributes (`on…` are listeners) and children, elements or texts. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** Say it to screen readers. */
function announce(text) {
  document.getElementById("announced").textContent = text;
}

const count = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

/** The color of a share from −1 over 0, the ground, to 1, as [red, green, blue]: `signed` is blue
 * below 0 and orange above, `plain` blue and black. */
function colorsNow() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => {
    const hex = style.getPropertyValue(name).trim().slice(1);
    return [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16));
  };
  const ground = read("--panel"), blue = read("--blue");
  const between = (positive) => (share) => {
    const end = share < 0 ? blue : positive, part = Math.min(1, Math.abs(share));
    return ground.map((from, i) => Math.round(from + part * (end[i] - from)));
  };
  return { signed: between(read("--orange")), plain: between(read("--ink")) };
}
