import type { z } from "zod";
import type { Client } from "./client";
import { hasStatus, isRateLimit, isRequestFailure, messageOf, UnexpectedAnswer } from "./failure";
import {
  type Artifact,
  artifactListSchema,
  dispatchDetailsSchema,
  type Job,
  jobListSchema,
  oidcSubjectSchema,
  type Repository,
  type Run,
  repositorySchema,
  runListSchema,
  runSchema,
  variableSchema,
  type Workflow,
  workflowSchema,
} from "./shapes";

export interface RepositoryName {
  readonly owner: string;
  readonly repository: string;
  readonly workflowFile: string;
}

/** What became of a request to start a run. */
export type Dispatched =
  /** `runId` only where the server returns it (github.com; not GitHub Enterprise Server up to 3.20). */
  | { readonly kind: "accepted"; readonly runId?: number }
  /** GitHub said no; nothing runs. `limited`: only for now, because of a rate limit. */
  | { readonly kind: "refused"; readonly limited: boolean; readonly message: string }
  /** No answer, or a server error: a run may have started all the same. */
  | { readonly kind: "unclear"; readonly message: string };

interface Cached {
  readonly etag: string;
  readonly data: unknown;
}

/**
 * The dozen calls of the experiment, with checked answers. Every method rejects with Octokit's RequestError (see
 * failure.ts) or UnexpectedAnswer; the client has retried by then.
 */
export class GithubApi {
  private readonly seen = new Map<string, Cached>();
  private readonly repo: { readonly owner: string; readonly repo: string };

  constructor(
    private readonly client: Client,
    private readonly name: RepositoryName,
  ) {
    this.repo = { owner: name.owner, repo: name.repository };
  }

  async repository(): Promise<Repository> {
    const { data } = await this.client.rest.repos.get(this.repo);
    return checked("the repository", repositorySchema, data);
  }

  async workflow(): Promise<Workflow> {
    const { data } = await this.client.rest.actions.getWorkflow({
      ...this.repo,
      workflow_id: this.name.workflowFile,
    });
    return checked("the workflow", workflowSchema, data);
  }

  async branchExists(branch: string): Promise<boolean> {
    try {
      await this.client.rest.repos.getBranch({ ...this.repo, branch });
      return true;
    } catch (error) {
      if (hasStatus(error, 404)) return false;
      throw error;
    }
  }

  /** The parts of the subject of the jobs' OIDC tokens, where the repository chose its own. */
  async ownSubject(): Promise<readonly string[] | undefined> {
    try {
      const { data } = await this.client.rest.actions.getCustomOidcSubClaimForRepo(this.repo);
      const subject = checked("the subject of OIDC tokens", oidcSubjectSchema, data);
      return subject.use_default ? undefined : subject.include_claim_keys;
    } catch (error) {
      // Older servers have none, and a token for Actions and Variables alone may not see it.
      if (!hasStatus(error, 403, 404) || isRateLimit(error)) throw error;
      return undefined;
    }
  }

  /** Variables that a workflow of the repository can read: its own and the organization's that are shared with it. */
  async variableNames(): Promise<string[]> {
    const own = await paginated("the list of variables", () =>
      this.client.paginate(this.client.rest.actions.listRepoVariables, {
        ...this.repo,
        per_page: 30, // the API's maximum for variables
      }),
    );
    const names = own.map((variable) => checked("a variable", variableSchema, variable).name);
    try {
      const shared = await paginated("the list of the organization's variables", () =>
        this.client.paginate(this.client.rest.actions.listRepoOrganizationVariables, {
          ...this.repo,
          per_page: 30,
        }),
      );
      names.push(...shared.map((variable) => checked("a variable", variableSchema, variable).name));
    } catch (error) {
      // A personal repository has no organization, and older servers have no such list.
      if (!hasStatus(error, 403, 404)) throw error;
    }
    return names;
  }

  /**
   * Whether this token may start the workflow. GitHub has no question for that, so this asks to start it from a
   * branch name that git cannot hold: 422 when it may, 403 or 404 when it may not. Nothing is started.
   * 422 also says that the workflow has no workflow_dispatch trigger; the message distinguishes the two.
   */
  async mayDispatch(): Promise<{ readonly allowed: boolean; readonly message: string }> {
    try {
      await this.client.rest.actions.createWorkflowDispatch({
        ...this.repo,
        workflow_id: this.name.workflowFile,
        ref: IMPOSSIBLE_REF,
        request: { retries: 0 },
      });
      return { allowed: true, message: "" };
    } catch (error) {
      if (hasStatus(error, 422)) {
        const allowed = !/workflow_dispatch/.test(error.message);
        return { allowed, message: allowed ? "" : messageOf(error) };
      }
      if (hasStatus(error, 401, 403, 404) && !isRateLimit(error)) {
        return { allowed: false, message: messageOf(error) };
      }
      throw error;
    }
  }

  /** Starts a run, once: unlike everything else it is not repeated after a server error. Never rejects. */
  async dispatch(ref: string, inputs: Readonly<Record<string, string>>): Promise<Dispatched> {
    const send = (details: boolean) =>
      this.client.rest.actions.createWorkflowDispatch({
        ...this.repo,
        workflow_id: this.name.workflowFile,
        ref,
        inputs: { ...inputs },
        ...(details && { return_run_details: true }),
        request: { retries: 0 },
      });
    try {
      const { data } = await send(true).catch((error: unknown) => {
        // An older server refuses a field it does not know, before it starts anything.
        if (hasStatus(error, 400, 422) && UNKNOWN_FIELD.test(error.message)) return send(false);
        throw error;
      });
      const details = dispatchDetailsSchema.safeParse(data);
      return { kind: "accepted", ...(details.success && { runId: details.data.workflow_run_id }) };
    } catch (error) {
      if (isRequestFailure(error) && error.response !== undefined && error.status < 500) {
        return { kind: "refused", limited: isRateLimit(error), message: messageOf(error) };
      }
      return { kind: "unclear", message: messageOf(error) };
    }
  }

  /** The run whose title holds `[request]`, among those created at `since` (ms since the epoch) or later. */
  findRun(request: string, since: number): Promise<Run | undefined> {
    return paginated("the list of runs", () => this.lookForRun(request, since));
  }

  private async lookForRun(request: string, since: number): Promise<Run | undefined> {
    const pages = this.client.paginate.iterator(this.client.rest.actions.listWorkflowRuns, {
      ...this.repo,
      workflow_id: this.name.workflowFile,
      event: "workflow_dispatch",
      created: `>=${new Date(since).toISOString().slice(0, 19)}Z`,
      per_page: 100,
    });
    const mark = `[${request}]`;
    for await (const { data } of pages) {
      const { workflow_runs } = checked("the list of runs", runListSchema, { workflow_runs: data });
      const run = workflow_runs.find(({ display_title, name }) =>
        [display_title, name].some((title) => title?.includes(mark)),
      );
      if (run !== undefined) return run;
    }
    return undefined;
  }

  run(runId: number): Promise<Run> {
    return this.conditional(runOf(runId), runSchema, (headers) =>
      this.client.rest.actions.getWorkflowRun({ ...this.repo, run_id: runId, headers }),
    );
  }

  /** Drops what is kept of a run's last answers: an experiment has many runs. */
  forget(runId: number): void {
    for (const what of [runOf(runId), jobsOf(runId)]) this.seen.delete(what);
  }

  /** The jobs of the run's latest attempt. A run of this workflow has fewer than the 100 of one page. */
  async jobs(runId: number): Promise<Job[]> {
    const { jobs } = await this.conditional(jobsOf(runId), jobListSchema, (headers) =>
      this.client.rest.actions.listJobsForWorkflowRun({
        ...this.repo,
        run_id: runId,
        filter: "latest",
        per_page: 100,
        headers,
      }),
    );
    return jobs;
  }

  /** The newest artifact of that name. */
  async artifact(runId: number, name: string): Promise<Artifact | undefined> {
    const { data } = await this.client.rest.actions.listWorkflowRunArtifacts({
      ...this.repo,
      run_id: runId,
      name,
      per_page: 100,
    });
    const { artifacts } = checked("the list of artifacts", artifactListSchema, data);
    return artifacts.filter((artifact) => artifact.name === name).sort((a, b) => b.id - a.id)[0];
  }

  /** The artifact's zip archive. fetch follows the redirect to the storage host without the token. */
  async downloadArtifact(artifactId: number): Promise<Uint8Array> {
    const { data } = await this.client.rest.actions.downloadArtifact({
      ...this.repo,
      artifact_id: artifactId,
      archive_format: "zip",
    });
    if (data instanceof ArrayBuffer) return new Uint8Array(data);
    // A storage host that calls the archive text; what it holds is judged where it is unpacked.
    return typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array();
  }

  /** False when the run had already ended. */
  async cancel(runId: number): Promise<boolean> {
    try {
      await this.client.rest.actions.cancelWorkflowRun({ ...this.repo, run_id: runId });
      return true;
    } catch (error) {
      if (hasStatus(error, 409)) return false;
      throw error;
    }
  }

  /** A GET that sends the last ETag: 304 gives the last answer again and costs no rate limit. */
  private async conditional<T>(
    what: string,
    schema: z.ZodType<T>,
    get: (
      headers: Record<string, string>,
    ) => Promise<{ data: unknown; headers: { etag?: string | undefined } }>,
  ): Promise<T> {
    const last = this.seen.get(what);
    try {
      const { data, headers } = await get(last === undefined ? {} : { "if-none-match": last.etag });
      const value = checked(what, schema, data);
      if (headers.etag !== undefined) this.seen.set(what, { etag: headers.etag, data });
      return value;
    } catch (error) {
      if (last !== undefined && hasStatus(error, 304)) return checked(what, schema, last.data);
      throw error;
    }
  }
}

const runOf = (runId: number) => `run ${runId}`;
const jobsOf = (runId: number) => `the jobs of run ${runId}`;

/** A ref name must not hold two dots (git-check-ref-format). */
const IMPOSSIBLE_REF = "preflight..check";

const UNKNOWN_FIELD = /return_run_details|not a permitted key/i;

/** The pagination plugin takes the shape of a list for granted, and fails on any other with an error about its own code. */
async function paginated<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof TypeError && !isRequestFailure(error)
      ? new UnexpectedAnswer(what, "not a list")
      : error;
  }
}

function checked<T>(what: string, schema: z.ZodType<T>, data: unknown): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new UnexpectedAnswer(
    what,
    issue === undefined ? "?" : `${issue.path.map(String).join(".")}: ${issue.message}`,
  );
}
