// The text of the page, made by packing.py: the program, the layers, and the arrays.

/** {program, layers, classes, norms} of the text. */
async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  const end = 4 + new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, end - 4)));
  const stored = new Map();
  let start = end;
  for (const { index, width, length } of header.arrays) {
    const { shape, dtype } = header.program.operations[index];
    stored.set(index, array(shape, numbersOf(new Uint8Array(buffer, start, length), width), dtype));
    start += length;
  }
  return { ...header, program: new Program(header.program, stored) };
}

/** The numbers of bytes that come in planes: the first byte of each number, then the second, ... */
function numbersOf(planes, width) {
  const count = planes.length / width;
  const bytes = new Uint8Array(planes.length);
  for (let plane = 0; plane < width; plane++) {
    for (let i = 0; i < count; i++) bytes[i * width + plane] = planes[plane * count + i];
  }
  const view = new DataView(bytes.buffer);
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    numbers[i] = width === 4 ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true);
  }
  return numbers;
}
