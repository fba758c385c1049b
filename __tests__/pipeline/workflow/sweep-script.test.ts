import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { JsonObject } from "../../helpers/json";
import { FakeKubernetes, type Identity, makeIdentity } from "./fake-kubernetes";
import { type Finished, python, run, Scratch, script } from "./scripts";

const OLD = "build-4711-1-hosted-kubernetes0";
const OTHER_OLD = "build-4712-2-custom-kubernetes0";
const YOUNG = "build-4713-1-custom-kubernetes0";
const POD_LIST = "GET /api/v1/namespaces/buildx/pods";
const remove = (kind: string, name: string) => `DELETE /apis/apps/v1/namespaces/buildx/${kind}/${name}`;

const shared = new Scratch();
let identity: Identity;
let scratch: Scratch;
let kubernetes: FakeKubernetes;

beforeAll(() => {
  identity = makeIdentity(shared.folder);
});
afterAll(() => shared.remove());

beforeEach(async () => {
  scratch = new Scratch();
  kubernetes = await new FakeKubernetes(identity).start();
  awsAnswers();
});
afterEach(async () => {
  await kubernetes.stop();
  scratch.remove();
});

/** Replaces the AWS CLI. */
function awsAnswers({ token = kubernetes.token, ca = kubernetes.ca } = {}): void {
  const data = Buffer.from(ca).toString("base64");
  const cluster = { endpoint: `https://127.0.0.1:${kubernetes.port}`, certificateAuthority: { data } };
  scratch.write("describe-cluster.json", JSON.stringify({ cluster }));
  scratch.write("get-token.json", JSON.stringify({ status: { token } }));
  scratch.program("aws", `#!/bin/sh\ncat '${scratch.folder}'/"$2".json\n`);
}

/** A builder with one pod of this age. */
function addBuilder(name: string, ageMinutes = 91, kind = "deployments"): void {
  kubernetes.addPod(name, ageMinutes);
  kubernetes.owners.add(`${kind}/${name}`);
}

const OPTIONS = ["--namespace", "buildx", "--older-than", "90"];
const sweep = (options: readonly string[] = [], env = scratch.env): Promise<Finished> =>
  run(python(), [script("sweep.py"), ...OPTIONS, "--cluster", "buildx-demo", ...options], { env });

const removed = { code: 0, stdout: `removing ${OLD}\n1 abandoned, 0 left\n`, stderr: "" };

test("removes a builder with all its pods before the next job takes its name", async () => {
  addBuilder(OLD);
  expect(await sweep(["--region", "us-west-2"])).toEqual(removed);
  expect(kubernetes.owners.size).toBe(0);
  expect(kubernetes.requests).toEqual([POD_LIST, remove("deployments", OLD), remove("statefulsets", OLD)]);
  expect(kubernetes.bodies[1]).toBe('{"propagationPolicy": "Foreground"}');
});

test("removes a builder that is a StatefulSet", async () => {
  addBuilder(OLD, 91, "statefulsets");
  expect(await sweep()).toEqual(removed);
  expect(kubernetes.owners.size).toBe(0);
});

test("needs no right to StatefulSets for a Deployment", async () => {
  addBuilder(OLD);
  kubernetes.faults.set(remove("statefulsets", OLD), 403);
  expect(await sweep()).toEqual(removed);
});

test("removes the old ones of many, in order", async () => {
  addBuilder(OTHER_OLD, 100);
  addBuilder(YOUNG, 10);
  addBuilder(OLD, 500);
  expect((await sweep()).stdout).toBe(`removing ${OLD}\nremoving ${OTHER_OLD}\n2 abandoned, 0 left\n`);
  expect([...kubernetes.owners]).toEqual([`deployments/${YOUNG}`]);
});

const OTHERS = [
  "runner-abc",
  "warm-hosted-a0",
  "build-4711-1-hosted-kubernetes1",
  "my-build-4711-1-hosted-kubernetes0",
  "build-4711-1-hosted-kubernetes0-x",
  "build-x-1-hosted-kubernetes0",
  undefined,
];

test.each<[string, readonly [name: string | undefined, age: number, metadata?: JsonObject][]]>([
  ["a builder that a job may still use", [[YOUNG, 89]]],
  ["a builder with one young pod", [200, 5, 300].map((age) => [OLD, age])],
  ["pods of others with similar names", OTHERS.map((name) => [name, 1000])],
  ["what is being deleted already", [[OLD, 200, { deletionTimestamp: "2026-01-01T00:00:00Z" }]]],
])("keeps %s", async (_, pods) => {
  for (const pod of pods) kubernetes.addPod(...pod);
  expect(await sweep()).toEqual({ code: 0, stdout: "0 abandoned, 0 left\n", stderr: "" });
  expect(kubernetes.requests).toEqual([POD_LIST]);
});

test("--dry-run says what it would remove, and removes nothing", async () => {
  addBuilder(OLD);
  expect(await sweep(["--dry-run"])).toEqual({
    ...removed,
    stdout: `would remove ${OLD}\n1 abandoned, 0 left\n`,
  });
  expect(kubernetes.requests).toEqual([POD_LIST]);
});

test("names a builder that cannot be removed, and still removes the others", async () => {
  addBuilder(OLD);
  addBuilder(OTHER_OLD);
  kubernetes.faults.set(remove("deployments", OLD), 403);
  const { code, stderr } = await sweep();
  expect(code).toBe(1);
  expect(stderr).toBe(`::error::${OLD}: ${remove("deployments", OLD)}: HTTP 403 Forbidden\n`);
  expect([...kubernetes.owners]).toEqual([`deployments/${OLD}`]);
});

test("names pods whose builder is gone", async () => {
  kubernetes.addPod(OLD, 91);
  const { code, stdout, stderr } = await sweep();
  expect(code).toBe(1);
  expect(stdout).toContain("1 abandoned, 1 left\n");
  expect(stderr).toBe(`::error::${OLD}: its pods have no owner\n`);
});

const podsText = (text: string) => () => {
  kubernetes.podsText = text;
};

test.each<[string, () => void, string]>([
  ["no right to list pods", () => kubernetes.faults.set(POD_LIST, 403), `${POD_LIST}: HTTP 403 Forbidden`],
  ["a refused token", () => awsAnswers({ token: "another" }), `${POD_LIST}: HTTP 401 Unauthorized`],
  ["an answer that is no JSON", podsText("<html>"), POD_LIST],
  ["an answer that is no list", podsText('{"kind": "Status"}'), ""],
  ["a list of something else", podsText('{"items": [{}]}'), ""],
  [
    "another authority's certificate",
    () => awsAnswers({ ca: makeIdentity(scratch.folder).certificate }),
    "CERTIFICATE_VERIFY_FAILED",
  ],
  [
    "an error of the AWS CLI",
    () => scratch.program("aws", "#!/bin/sh\nprintf 'An error occurred:\\nNot authorized' >&2\nexit 254\n"),
    "aws eks describe-cluster failed: An error occurred: Not authorized\n",
  ],
])("%s is one line", async (_, spoil, words) => {
  spoil();
  const { code, stdout, stderr } = await sweep();
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^::error::.+\n$/);
  expect(stderr).toContain(words);
});

test("an API that does not answer is one line", async () => {
  await kubernetes.stop();
  expect((await sweep()).stderr).toMatch(/^::error::GET \/api\/v1\/namespaces\/buildx\/pods: .*refused.*\n$/);
  await kubernetes.start();
});

test("says that the AWS CLI is missing", async () => {
  const { code, stderr } = await sweep([], { PATH: scratch.path("empty") });
  expect(code).toBe(1);
  expect(stderr).toBe(
    "::error::the AWS CLI is not on the PATH: install it, or run in a pod without --cluster\n",
  );
});

test.each([[["--older-than", "soon"]], [["--unknown"]]])("%j is a mistake in the call", async (options) => {
  expect((await sweep(options)).code).toBe(2);
  expect(kubernetes.requests).toEqual([]);
});

describe("in a pod", () => {
  const CODE = `import pathlib, sys
sys.path.insert(0, sys.argv.pop(1))
import sweep
sweep.SERVICE_ACCOUNT = pathlib.Path(sys.argv.pop(1))
sweep.main()`;
  /** Runs sweep.py with its service account in a folder of the test. */
  const sweepInPod = (env: Readonly<Record<string, string>>) =>
    run(python(), ["-c", CODE, script(""), scratch.path("account"), ...OPTIONS], {
      env: { ...env, PATH: "/nowhere", PYTHONDONTWRITEBYTECODE: "1" },
    });

  test("uses the pod's own token, and needs no AWS CLI", async () => {
    scratch.write("account/token", kubernetes.token);
    scratch.write("account/ca.crt", kubernetes.ca);
    addBuilder(OLD);
    const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(kubernetes.port) };
    expect(await sweepInPod(env)).toEqual(removed);
  });

  test("outside of a pod it says what to name", async () => {
    expect(await sweepInPod({})).toEqual({
      code: 1,
      stdout: "",
      stderr: "::error::not in a pod with a service account: name the cluster with --cluster\n",
    });
  });
});
