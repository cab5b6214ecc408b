// How the numbers of an array lie on a plane: rows, columns, and for each cell the place in the
// array's data, or −1 for a gap between tiles.

/** The columns in which n numbers in a line are broken: 28 for 784, 16 for 128. */
function columnsOf(n) {
  if (n <= 20) return n;
  const root = Math.sqrt(n);
  for (let columns = Math.ceil(root); columns <= 2.5 * root; columns++) if (n % columns === 0) return columns;
  return Math.ceil(root);
}

/** A line is broken; a table lies as it is; of a picture with channels, a kernel, or a table with
 * more than 64 rows, each index of the last axis is a tile. */
function gridOf(shape) {
  if (shape.length <= 1) {
    const n = shape[0] ?? 1, columns = Math.max(1, columnsOf(n));
    const rows = Math.ceil(n / columns);
    return { rows, columns, cells: Int32Array.from({ length: rows * columns }, (_, i) => (i < n ? i : -1)) };
  }
  if (shape.length === 2 && shape[0] <= 64) {
    const [rows, columns] = shape;
    return { rows, columns, cells: Int32Array.from({ length: rows * columns }, (_, i) => i) };
  }
  const count = shape.at(-1), tile = gridOf(shape.slice(0, -1));
  const ratio = Math.sqrt((2 * count * (tile.rows + 1)) / (tile.columns + 1));
  const across = Math.max(1, Math.min(count, Math.round(ratio)));
  const rows = Math.ceil(count / across) * (tile.rows + 1) - 1, columns = across * (tile.columns + 1) - 1;
  const cells = new Int32Array(Math.max(0, rows * columns)).fill(-1);
  for (let t = 0; t < count; t++) {
    const top = Math.floor(t / across) * (tile.rows + 1), left = (t % across) * (tile.columns + 1);
    tile.cells.forEach((cell, i) => {
      if (cell < 0) return;
      const row = top + Math.floor(i / tile.columns), column = left + (i % tile.columns);
      cells[row * columns + column] = cell * count + t;
    });
  }
  return { rows, columns, cells };
}
