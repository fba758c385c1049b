import type { EnvironmentInput } from "../environment/environment";
import { c5 } from "./c5";
import { c5n } from "./c5n";

/** Every environment of this project. A new one is a file beside these and a line here. */
export const environments: readonly EnvironmentInput[] = [c5n, c5];
