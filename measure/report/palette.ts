import { CONFIGURATIONS } from "../../environment/configurations";
import { PHASES, type Phase } from "./model";

/** A colour for a light and one for a dark background; shapes hold 3:1 against theirs, text 4.5:1. */
export interface Shade {
  readonly light: string;
  readonly dark: string;
}

export const PAGE: Readonly<Record<"background" | "panel" | "text" | "muted" | "line" | "accent", Shade>> = {
  background: { light: "#ffffff", dark: "#14171c" },
  panel: { light: "#f4f5f7", dark: "#1d2128" },
  text: { light: "#1b1f24", dark: "#e8eaed" },
  muted: { light: "#545b64", dark: "#aab2bc" },
  line: { light: "#d5d9de", dark: "#363c46" },
  accent: { light: "#0b5cad", dark: "#7db8ff" },
};

const PHASE_SHADES: Readonly<Record<Phase, Shade>> = {
  queue: { light: "#868d96", dark: "#7b8490" },
  setup: { light: "#4d5560", dark: "#c3cad4" },
  context: { light: "#7a5195", dark: "#b79ae0" },
  pull: { light: "#2f6db5", dark: "#6cb0ff" },
  install: { light: "#0b7a75", dark: "#3fc1b0" },
  export: { light: "#b35900", dark: "#f0a04b" },
  push: { light: "#c2255c", dark: "#ff7aa8" },
  cache: { light: "#667300", dark: "#c0cc4a" },
  other: { light: "#7d5046", dark: "#d0a08a" },
};

const SUBJECT_SHADES: readonly Shade[] = [
  { light: "#2f6db5", dark: "#6cb0ff" },
  { light: "#b35900", dark: "#f0a04b" },
  { light: "#0b7a75", dark: "#3fc1b0" },
  { light: "#c2255c", dark: "#ff7aa8" },
];

/** One shape a configuration, so that colour is not needed to tell them apart; paths are 16 by 16. */
export const SHAPES = ["circle", "square", "triangle-up", "diamond"] as const;

export const SHAPE_PATHS: Readonly<Record<(typeof SHAPES)[number], string>> = {
  circle: "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12z",
  square: "M3 3h10v10h-10z",
  "triangle-up": "M8 2l6.5 11.5h-13z",
  diamond: "M8 1l5 7l-5 7l-5-7z",
};

/** CSS custom properties by name, without the leading dashes. */
export const SHADES: ReadonlyMap<string, Shade> = new Map([
  ...Object.entries(PAGE),
  ...PHASES.map((phase) => [phaseName(phase), PHASE_SHADES[phase]] as const),
  ...SUBJECT_SHADES.map((shade, index) => [`subject-${index}`, shade] as const),
]);

/** For charts: `var(--phase-pull)`. */
export function colorOf(name: string): string {
  if (!SHADES.has(name)) throw new Error(`no colour is called ${name}`);
  return `var(--${name})`;
}

export function phaseName(phase: Phase): string {
  return `phase-${phase}`;
}

/** A configuration keeps its colour and shape whatever else is shown. */
export function markOf(configuration: string): { color: string; shape: (typeof SHAPES)[number] } {
  const found = CONFIGURATIONS.findIndex((known) => known.valueOf() === configuration);
  const index = Math.max(found, 0);
  return { color: `subject-${index}`, shape: SHAPES[index] ?? "circle" };
}

/** Declarations of every colour for one scheme. */
export function declarations(scheme: keyof Shade): string {
  return [...SHADES].map(([name, shade]) => `--${name}:${shade[scheme]}`).join(";");
}
