import { asObject, type JsonObject } from "../../helpers/json";
import type { ClusterRequest, Verb } from "./cluster-access";
import { type Kubectl, PATCH, type Reply } from "./kubectl";

const METHODS: Readonly<Record<Verb, string>> = {
  get: "GET",
  list: "GET",
  watch: "GET",
  impersonate: "GET",
  create: "POST",
  update: "PUT",
  patch: "PATCH",
  delete: "DELETE",
  deletecollection: "DELETE",
};

/** What a subresource must be told, and for a proxy the path behind it. */
const SUBRESOURCES: Readonly<Record<string, { readonly query?: string; readonly path?: string }>> = {
  exec: { query: "command=true&stdout=1" },
  attach: { query: "stdout=1" },
  portforward: { query: "ports=80" },
  proxy: { path: "/healthz" },
};

function pathOf({ verb, apiVersion, resource, namespace, name }: ClusterRequest, dryRun: boolean): string {
  if (apiVersion === undefined) return resource;
  const [plural, subresource] = resource.split("/");
  const { query, path = "" } = SUBRESOURCES[subresource ?? ""] ?? {};
  const parts = [
    apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`,
    ...(namespace === undefined ? [] : ["namespaces", namespace]),
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  const queries = [
    ...(query ? [query] : []),
    ...(verb === "watch" ? ["watch=1&timeoutSeconds=1"] : []),
    ...(dryRun && METHODS[verb] !== "GET" && query === undefined ? ["dryRun=All"] : []),
  ];
  return `${parts.join("/")}${path}${queries.length > 0 ? `?${queries.join("&")}` : ""}`;
}

/** Tries a request of the table. @param dryRun to change nothing */
export function attempt(who: Kubectl, request: ClusterRequest, { dryRun = false } = {}): Promise<Reply> {
  const { verb, body, impersonated } = request;
  return who.request(METHODS[verb], pathOf(request, dryRun), body as JsonObject | undefined, {
    ...(verb === "patch" && { "content-type": PATCH.merge }),
    ...(impersonated && { "impersonate-user": impersonated.user }),
    ...(impersonated?.group !== undefined && { "impersonate-group": impersonated.group }),
  });
}

/** A command was let through, and only then found to be no stream. */
const NO_STREAM = /[Uu]pgrade request required|unable to upgrade/;
const REFUSED_BY_ROLE = /forbidden: User ".*" cannot /;
const REFUSED_BY_POLICY = /ValidatingAdmissionPolicy '.*' denied request/;

/** In a word what a reply says about rights; the reply itself where it says something else. */
export function verdict({ status, body }: Reply): string {
  const message = String(body.message ?? body.text ?? "");
  if (status < 400 || (status === 400 && NO_STREAM.test(message))) return "allowed";
  if (status === 403 && REFUSED_BY_ROLE.test(message)) return "refused";
  if (status === 422 && REFUSED_BY_POLICY.test(message)) return "refused";
  return `${status} ${message}`;
}

/** Whether an API server has such a request at all: rights are refused for what is not there, too. */
export function exists({ status, body }: Reply): boolean {
  const { message = "", details } = body;
  if (status === 404) return typeof details === "object" && details !== null && "name" in details;
  return status !== 405 && !REFUSED_BY_ROLE.test(String(message));
}

/**
 * What the API server says about acting as somebody else, where it is asked instead of tried: who asks by impersonation
 * already cannot try it.
 */
export async function reviewImpersonation(
  who: Kubectl,
  { user, group }: NonNullable<ClusterRequest["impersonated"]>,
): Promise<"allowed" | "refused"> {
  const asked = [
    { resource: "users", name: user },
    ...(group === undefined ? [] : [{ resource: "groups", name: group }]),
  ];
  for (const attributes of asked) {
    const { body } = await who.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { verb: "impersonate", ...attributes } },
    });
    if (asObject(body.status).allowed !== true) return "refused";
  }
  return "allowed";
}
