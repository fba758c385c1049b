/** What a container asks for and may use. */
export interface Resources {
  /** CPU, thousandths of a core. */
  readonly milliCpu: number;
  /** Memory, MiB. */
  readonly memoryMib: number;
}

/**
 * Kubernetes quantities in canonical form. The API server and the runners' webhook write `7Gi` where they were given
 * `7168Mi`, and Terraform would then see a change that nobody made.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function cpuQuantity(milliCpu: number): string {
  if (milliCpu % 1000 !== 0) return `${milliCpu}m`;
  return milliCpu % 1_000_000 === 0 && milliCpu > 0 ? `${milliCpu / 1_000_000}k` : `${milliCpu / 1000}`;
}

export function memoryQuantity(mib: number): string {
  let value = mib;
  const units = ["Mi", "Gi", "Ti", "Pi"];
  let unit = 0;
  while (value > 0 && value % 1024 === 0 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value}${units[unit]}`;
}
