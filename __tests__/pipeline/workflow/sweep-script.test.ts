import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FakeKubernetes, type Identity, makeIdentity } from "./fake-kubernetes";
import { type Finished, python, run, Scratch, script } from "./scripts";

const SWEEP = script("sweep.py");
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
  awsAnswers(kubernetes.token);
});
afterEach(async () => {
  await kubernetes.stop();
  scratch.remove();
});

/** Stands in for the AWS CLI. */
function awsAnswers(token: string): void {
  const cluster = {
    endpoint: kubernetes.url,
    certificateAuthority: { data: Buffer.from(kubernetes.ca).toString("base64") },
  };
  scratch.write("describe-cluster.json", JSON.stringify({ cluster }));
  scratch.write("get-token.json", JSON.stringify({ status: { token } }));
  scratch.program(
    "aws",
    `#!/bin/sh\necho "$@" >> '${scratch.path("aws.log")}'\ncat '${scratch.folder}'/"$2".json\n`,
  );
}

const sweep = (...options: string[]): Promise<Finished> =>
  run(
    python(),
    [SWEEP, "--namespace", "buildx", "--older-than", "90", "--cluster", "buildx-demo", ...options],
    { env: scratch.env },
  );

describe("from outside of the cluster", () => {
  test("removes a builder that is a Deployment", async () => {
    kubernetes.addPod(OLD, 91);
    kubernetes.there.deployments.add(OLD);
    expect(await sweep("--region", "us-west-2")).toEqual({
      code: 0,
      stdout: `removing ${OLD}\n1 abandoned, 0 left\n`,
      stderr: "",
    });
    expect(kubernetes.there.deployments.size).toBe(0);
    expect(kubernetes.lines).toEqual([POD_LIST, remove("deployments", OLD), remove("statefulsets", OLD)]);
    for (const { authorization } of kubernetes.asked) expect(authorization).toBe("Bearer the-token");
    // Foreground: the name is free only when its pods are gone.
    expect(kubernetes.asked[1]?.body.toString()).toBe('{"propagationPolicy": "Foreground"}');
  });

  test("removes a builder that is a StatefulSet", async () => {
    kubernetes.addPod(OLD, 91);
    kubernetes.there.statefulsets.add(OLD);
    expect((await sweep()).code).toBe(0);
    expect(kubernetes.there.statefulsets.size).toBe(0);
  });

  test("keeps a builder that a job may still use", async () => {
    kubernetes.addPod(YOUNG, 89);
    kubernetes.there.deployments.add(YOUNG);
    expect(await sweep()).toEqual({ code: 0, stdout: "0 abandoned, 0 left\n", stderr: "" });
    expect(kubernetes.lines).toEqual([POD_LIST]);
  });

  test("keeps a builder of which one pod is young", async () => {
    kubernetes.addPod(OLD, 200);
    kubernetes.addPod(OLD, 5);
    kubernetes.addPod(OLD, 300);
    expect((await sweep()).stdout).toBe("0 abandoned, 0 left\n");
  });

  test("keeps the pods of others, however alike their names are", async () => {
    for (const app of [
      "runner-abc",
      "warm-hosted-a0",
      "build-4711-1-hosted-kubernetes1",
      "my-build-4711-1-hosted-kubernetes0",
      "build-4711-1-hosted-kubernetes0-x",
      "build-x-1-hosted-kubernetes0",
      undefined,
    ]) {
      kubernetes.addPod(app, 1000);
    }
    expect((await sweep()).stdout).toBe("0 abandoned, 0 left\n");
    expect(kubernetes.lines).toEqual([POD_LIST]);
  });

  test("leaves alone what is being deleted already", async () => {
    kubernetes.addPod(OLD, 200, { deletionTimestamp: "2026-01-01T00:00:00Z" });
    expect(await sweep()).toEqual({ code: 0, stdout: "0 abandoned, 0 left\n", stderr: "" });
  });

  test("removes the old ones among many, in order", async () => {
    for (const [name, age] of [
      [OTHER_OLD, 100],
      [YOUNG, 10],
      [OLD, 500],
    ] as const) {
      kubernetes.addPod(name, age);
      kubernetes.there.deployments.add(name);
    }
    expect((await sweep()).stdout).toBe(`removing ${OLD}\nremoving ${OTHER_OLD}\n2 abandoned, 0 left\n`);
    expect([...kubernetes.there.deployments]).toEqual([YOUNG]);
  });

  test("a right to StatefulSets is not needed for a Deployment", async () => {
    kubernetes.addPod(OLD, 91);
    kubernetes.there.deployments.add(OLD);
    kubernetes.faults.set(remove("statefulsets", OLD), 403);
    expect(await sweep()).toEqual({
      code: 0,
      stdout: `removing ${OLD}\n1 abandoned, 0 left\n`,
      stderr: "",
    });
  });

  test("--dry-run says what it would remove, and removes nothing", async () => {
    kubernetes.addPod(OLD, 91);
    kubernetes.there.deployments.add(OLD);
    expect(await sweep("--dry-run")).toEqual({
      code: 0,
      stdout: `would remove ${OLD}\n1 abandoned, 0 left\n`,
      stderr: "",
    });
    expect(kubernetes.lines).toEqual([POD_LIST]);
  });

  test("a builder that cannot be removed is named, and the others are still removed", async () => {
    for (const name of [OLD, OTHER_OLD]) {
      kubernetes.addPod(name, 91);
      kubernetes.there.deployments.add(name);
    }
    kubernetes.faults.set(remove("deployments", OLD), 403);
    const { code, stderr } = await sweep();
    expect(code).toBe(1);
    expect(stderr).toBe(`::error::${OLD}: ${remove("deployments", OLD)}: HTTP 403 Forbidden\n`);
    expect([...kubernetes.there.deployments]).toEqual([OLD]);
  });

  test("pods whose builder is gone are named", async () => {
    kubernetes.addPod(OLD, 91);
    const { code, stdout, stderr } = await sweep();
    expect(code).toBe(1);
    expect(stdout).toContain("1 abandoned, 1 left\n");
    expect(stderr).toBe(`::error::${OLD}: its pods have no owner\n`);
  });

  test.each([
    [403, "Forbidden"],
    [500, "Internal Server Error"],
  ])("HTTP %i of the list of pods is one line", async (code, reason) => {
    kubernetes.faults.set(POD_LIST, code);
    expect(await sweep()).toEqual({
      code: 1,
      stdout: "",
      stderr: `::error::${POD_LIST}: HTTP ${code} ${reason}\n`,
    });
  });

  test("a token that is refused is one line", async () => {
    awsAnswers("another");
    expect((await sweep()).stderr).toBe(`::error::${POD_LIST}: HTTP 401 Unauthorized\n`);
  });

  test.each([
    ["no JSON", "<html>"],
    ["no list of pods", '{"kind": "Status"}'],
    ["a list of something else", '{"items": [{}]}'],
  ])("an answer that is %s is one line", async (_, text) => {
    kubernetes.podsText = text;
    const { code, stderr } = await sweep();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^::error::.+\n$/);
    expect(stderr).not.toContain("Traceback");
  });

  test("another authority's certificate is not trusted", async () => {
    const { certificate } = makeIdentity(scratch.folder);
    const cluster = {
      endpoint: kubernetes.url,
      certificateAuthority: { data: Buffer.from(certificate).toString("base64") },
    };
    scratch.write("describe-cluster.json", JSON.stringify({ cluster }));
    const { code, stderr } = await sweep();
    expect(code).toBe(1);
    expect(stderr).toContain("CERTIFICATE_VERIFY_FAILED");
    expect(kubernetes.lines).toEqual([]);
  });

  test("an API that does not answer is one line", async () => {
    await kubernetes.stop();
    const { code, stderr } = await sweep();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^::error::GET \/api\/v1\/namespaces\/buildx\/pods: .*refused.*\n$/);
    await kubernetes.start();
  });

  test("the AWS CLI's error is one line", async () => {
    scratch.program("aws", "#!/bin/sh\nprintf 'An error occurred:\\nNot authorized' >&2\nexit 254\n");
    expect((await sweep()).stderr).toBe(
      "::error::aws eks describe-cluster failed: An error occurred: Not authorized\n",
    );
  });

  test("without the AWS CLI it says what is missing", async () => {
    const finished = await run(
      python(),
      [SWEEP, "--namespace", "buildx", "--older-than", "90", "--cluster", "buildx-demo"],
      { env: { PATH: scratch.path("empty") } },
    );
    expect(finished.code).toBe(1);
    expect(finished.stderr).toBe(
      "::error::the AWS CLI is not on the PATH: install it, or run in a pod without --cluster\n",
    );
  });

  test.each([[["--older-than", "soon"]], [["--unknown"]]])("%j is a mistake in the call", async (options) => {
    expect((await sweep(...options)).code).toBe(2);
    expect(kubernetes.lines).toEqual([]);
  });
});

describe("in a pod", () => {
  /** Runs sweep.py with its service account in a folder of the test. */
  const sweepInPod = (env: Readonly<Record<string, string>>) =>
    run(
      python(),
      [
        "-c",
        "import pathlib, sys; sys.path.insert(0, sys.argv.pop(1)); import sweep; sweep.SERVICE_ACCOUNT = pathlib.Path(sys.argv.pop(1)); sweep.main()",
        script(""),
        scratch.path("account"),
        ...["--namespace", "buildx", "--older-than", "90"],
      ],
      { env: { ...env, PATH: "/nowhere", PYTHONDONTWRITEBYTECODE: "1" } },
    );

  test("asks with the pod's own token, and needs no AWS CLI", async () => {
    scratch.write("account/token", kubernetes.token);
    scratch.write("account/ca.crt", kubernetes.ca);
    kubernetes.addPod(OLD, 91);
    kubernetes.there.deployments.add(OLD);
    const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(kubernetes.port) };
    expect(await sweepInPod(env)).toEqual({
      code: 0,
      stdout: `removing ${OLD}\n1 abandoned, 0 left\n`,
      stderr: "",
    });
    expect(kubernetes.there.deployments.size).toBe(0);
  });

  test("outside of a pod it says what to name", async () => {
    expect(await sweepInPod({})).toEqual({
      code: 1,
      stdout: "",
      stderr: "::error::not in a pod with a service account: name the cluster with --cluster\n",
    });
  });
});
