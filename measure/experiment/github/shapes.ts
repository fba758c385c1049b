import { z } from "zod";

/**
 * The parts of GitHub's answers that the runner reads (https://docs.github.com/en/rest/actions). Unknown
 * fields are dropped, so a newer API does no harm; times are ISO 8601.
 */
const instant = z.iso.datetime({ offset: true, error: "not a time" });
const id = z.int().positive();

export const repositorySchema = z.object({
  id,
  /** As GitHub spells it, and after a rename: it answers any case, and the former name. */
  full_name: z.string().regex(/^[^/]+\/[^/]+$/),
  owner: z.object({ id }),
  default_branch: z.string().min(1),
  archived: z.boolean().optional(),
  permissions: z.object({ push: z.boolean() }).optional(),
});

export const workflowSchema = z.object({ id, path: z.string(), state: z.string() });

/** Without keys it is the organization's, or GitHub's own. */
export const oidcSubjectSchema = z.object({
  use_default: z.boolean(),
  include_claim_keys: z.array(z.string()).optional(),
});

export const dispatchDetailsSchema = z.object({ workflow_run_id: id });

export const runSchema = z.object({
  id,
  name: z.string().nullish(),
  display_title: z.string().nullish(),
  status: z.string().nullable(),
  conclusion: z.string().nullable(),
  html_url: z.string().min(1),
  created_at: instant,
});

export const stepSchema = z.object({
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  started_at: instant.nullish(),
  completed_at: instant.nullish(),
});

export const jobSchema = z.object({
  id,
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  /** Absent before GitHub Enterprise Server 3.9. */
  created_at: instant.nullish(),
  started_at: instant.nullish(),
  completed_at: instant.nullish(),
  steps: z.array(stepSchema).default([]),
});

export const artifactSchema = z.object({
  id,
  name: z.string(),
  expired: z.boolean(),
  /** `sha256:` and 64 hex digits; absent on older servers. */
  digest: z.string().nullish(),
});

export const variableSchema = z.object({ name: z.string() });

export const runListSchema = z.object({ workflow_runs: z.array(runSchema) });
export const jobListSchema = z.object({ jobs: z.array(jobSchema) });
export const artifactListSchema = z.object({ artifacts: z.array(artifactSchema) });

export type Repository = z.infer<typeof repositorySchema>;
export type Workflow = z.infer<typeof workflowSchema>;
export type Run = z.infer<typeof runSchema>;
export type Job = z.infer<typeof jobSchema>;
export type Step = z.infer<typeof stepSchema>;
export type Artifact = z.infer<typeof artifactSchema>;
