import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { markerHolds, UnknownMarker } from "../../../pipeline/layers/markers";
import { canonicalVersion } from "../../../pipeline/layers/pep440";
import { pipDownload } from "../../../pipeline/layers/pip-download";

/** What `packaging` says, which pip brings along. */
function packaging(body: string, input: unknown): unknown {
  const program = `import json, sys\nfrom pip._vendor.packaging.markers import Marker\nfrom pip._vendor.packaging.utils import canonicalize_version\ninput = json.load(sys.stdin)\nprint(json.dumps(${body}))`;
  return JSON.parse(
    execFileSync("python3", ["-c", program], { input: JSON.stringify(input), encoding: "utf8" }),
  ) as unknown;
}

test("versions are one text when packaging takes them for the same", () => {
  const written = [
    ...["1", "1.0", "1.0.0", "v1.0", "01.00", "2024.07.04", "2024.7.4", "0", "0.0", "10.20.30", "1!2.0"],
    ...["1.0a1", "1.0.alpha-1", "1.0_beta2", "1.0RC1", "1.0c1", "1.0-preview3", "1.0pre", "1.0b"],
    ...["1.0.post1", "1.0-1", "1.0.rev2", "1.0r3", "1.0.post", "1.0.dev4", "1.0a1.post2.dev3", "1.0dev"],
    ...["2.4.0+cu121", "2.4.0+CU_12-1", "1.0+001.abc", "1.0.post0", "1.0rc0"],
  ];
  expect(written.map(canonicalVersion)).toEqual(
    packaging("[canonicalize_version(text) for text in input]", written),
  );
});

const MARKERS = [
  "sys_platform == 'win32'",
  "sys_platform == 'linux'",
  "sys_platform != 'darwin' and platform_machine == 'x86_64'",
  "platform_system == \"Linux\" and (platform_machine == 'aarch64' or platform_machine == 'x86_64')",
  "os_name == 'nt' or implementation_name == 'cpython'",
  "platform_python_implementation != 'PyPy'",
  "platform_machine in 'x86_64 AMD64'",
  "sys_platform not in 'win32 cygwin'",
  "'linux' in sys_platform",
  "python_version < '3.10'",
  "python_version >= '3.9' and python_version < '4'",
  "python_version == '3.12'",
  "python_version == '3.1'",
  "python_version == '3.*'",
  "python_version != '3.12.*'",
  "python_version ~= '3.11'",
  "python_full_version ~= '3.12.0'",
  "python_full_version < '3.12'",
  "python_full_version >= '3.12'",
  "python_full_version >= '3.12.4'",
  "python_full_version == '3.12.*'",
  "python_full_version <= '3.13'",
  "python_full_version > '3.11.9'",
  "'3.10' <= python_version",
  "python_version < '3.13' and sys_platform == 'win32' or python_version >= '3.11'",
  "python_version < '3' and (sys_platform == 'win32' or python_version >= '3.11')",
  "extra == 'standard'",
  "(implementation_name == 'cpython')",
];

test.each(["3.9", "3.10", "3.12", "3.12.4", "3.13.1"])(
  "markers hold for Python %s when packaging says so",
  (python) => {
    const [major, minor, patch = "0"] = python.split(".");
    const full = `${major}.${minor}.${patch}`;
    const environment = {
      os_name: "posix",
      sys_platform: "linux",
      platform_system: "Linux",
      platform_machine: "x86_64",
      platform_python_implementation: "CPython",
      implementation_name: "cpython",
      implementation_version: full,
      python_version: `${major}.${minor}`,
      python_full_version: full,
      extra: "",
    };
    expect(MARKERS.map((marker) => [marker, markerHolds(marker, python)])).toEqual(
      packaging("[[text, Marker(text).evaluate(input['environment'])] for text in input['markers']]", {
        markers: MARKERS,
        environment,
      }),
    );
  },
);

test.each([
  "platform_release >= '5'",
  "sys_platform ==",
  "sys_platform == 'linux' and",
  "(sys_platform == 'linux'",
  "sys_platform == 'linux' )",
  "sys_platform < 'linux'",
  "python_version >= 'x'",
  "python_version @ '3'",
])("a marker that nobody can judge is none that holds or not: %s", (marker) => {
  expect(() => markerHolds(marker, "3.12")).toThrow(UnknownMarker);
});

test("pip is asked for wheels of every glibc: it takes those that are named alone", () => {
  const words = pipDownload("3.12.4", "lock.txt", "wheels");
  expect(words.filter((word) => /^manylinux_2_(5|25|39)_x86_64$/.test(word))).toHaveLength(3);
  expect(words).toContain("cp312");
});
