import { spawnSync } from "node:child_process";
import { gzipSync } from "node:zlib";

/** A tar of regular files, written by hand so that the sizes that a test expects are its own. */
export function tarOf(files: Readonly<Record<string, number>>): Buffer {
  const blocks: Buffer[] = [];
  for (const [name, size] of Object.entries(files)) {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\0", 100);
    header.write("0000000\0", 108);
    header.write("0000000\0", 116);
    header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0", 136);
    header.write("        ", 148);
    header.write("0", 156);
    header.write("ustar\x0000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    blocks.push(header, Buffer.alloc(Math.ceil(size / 512) * 512, name));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export const gzip = (bytes: Buffer): Buffer => gzipSync(bytes);

export function zstd(bytes: Buffer): Buffer {
  const done = spawnSync("zstd", ["-qc"], { input: bytes, maxBuffer: 1 << 28 });
  if (done.error) {
    throw new Error(
      `the zstd command is needed to test zstd layers: apt-get install zstd (${done.error.message})`,
    );
  }
  return done.stdout;
}
