/** Tags of Linux wheels from glibc 2.39, which Ubuntu 24.04 has, down to the oldest: pip takes those that are named alone. */
const PLATFORMS = [
  ...Array.from({ length: 35 }, (_, older) => `manylinux_2_${39 - older}_x86_64`),
  "manylinux2014_x86_64",
  "manylinux2010_x86_64",
  "manylinux1_x86_64",
  "linux_x86_64",
];

/**
 * Arguments of `python3` that download the wheels of a lock for Linux on x86_64, whatever machine and Python run it. pip
 * reads the user's own configuration (index, certificates) and checks the hashes.
 *
 * @param python version of the image's Python, such as 3.12
 */
export function pipDownload(python: string, lock: string, folder: string): string[] {
  const [major, minor] = python.split(".");
  return [
    ...["-m", "pip", "download", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"],
    ...["--require-hashes", "--python-version", `${major}.${minor}`, "--implementation", "cp"],
    ...[`cp${major}${minor}`, "abi3", "none"].flatMap((abi) => ["--abi", abi]),
    ...PLATFORMS.flatMap((platform) => ["--platform", platform]),
    ...["--progress-bar", process.stderr.isTTY === true ? "on" : "off"],
    ...["-d", folder, "-r", lock],
  ];
}
