/*
 * What a lock needs of Python's versions, after PEP 440 ("Version Identification and Dependency Specification") and the
 * normalization of `packaging`, which the tests compare it with.
 */

const VERSION =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|beta|preview|pre|rc|a|b|c)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;
const PRE: Readonly<Record<string, string>> = { alpha: "a", beta: "b", c: "rc", pre: "rc", preview: "rc" };

/** One text for all ways to write a version, `2024.7.4` for `2024.07.04.0`; what is no version stays as it is. */
export function canonicalVersion(text: string): string {
  const match = VERSION.exec(text.trim().toLowerCase());
  if (!match) return text;
  const [, epoch, release = "", pre, preNumber, dashPost, post, dev, devNumber, local] = match;
  const number = (digits: string | undefined) => (digits ?? "").replace(/^0+(?=\d)/, "") || "0";
  const numbers = release.split(".").map(number).join(".");
  return [
    number(epoch) === "0" ? "" : `${number(epoch)}!`,
    numbers.replace(/(?:\.0)+$/, ""),
    pre === undefined ? "" : `${PRE[pre] ?? pre}${number(preNumber)}`,
    dashPost === undefined && post === undefined ? "" : `.post${number(dashPost ?? post)}`,
    dev === undefined ? "" : `.dev${number(devNumber)}`,
    local === undefined
      ? ""
      : `+${local
          .split(/[-_.]/)
          .map((part) => (/^\d+$/.test(part) ? number(part) : part))
          .join(".")}`,
  ].join("");
}
