import { seededRandom } from "../../../measure/record/random";
import { FakeGithub, type FakeRequest, json } from "../../measure/experiment/fake-github";
import type { RunScript } from "../../measure/experiment/fake-timeline";
import { drop } from "../../measure/experiment/fault-cases";

/** The fake in a process of its own, so that what it remembers is not what the measured process holds. */
export interface FakeSettings {
  readonly seed: number;
  /** Of all requests, and of all builds, that go wrong. */
  readonly share: number;
}

const SPOILT: readonly RunScript[] = [
  { conclusion: "failure" },
  { conclusion: "cancelled" },
  { appears: false },
  { artifact: "missing" },
  { artifact: "truncated-zip" },
  { artifact: "expired" },
];

async function main({ seed, share }: FakeSettings): Promise<void> {
  const random = seededRandom(seed);
  const oneOf = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const answers = [
    (response: Parameters<typeof json>[0]) => json(response, 500, { message: "Server Error" }),
    (response: Parameters<typeof json>[0]) => json(response, 503, { message: "Unavailable" }),
    (response: Parameters<typeof json>[0]) =>
      json(response, 429, { message: "Too many requests" }, { "retry-after": "2" }),
  ];
  // The pre-flight's own requests are not the soak's subject.
  let preflight = true;
  const fake = await FakeGithub.start({
    script: () => (random() < share ? (oneOf(SPOILT) ?? {}) : {}),
    faults: [
      {
        when: ({ path, method }: FakeRequest) => {
          fake.requests.length = 0;
          if (path.endsWith("/jobs")) preflight = false;
          // A dispatch that fails for good after its run is the work of the script.
          return !preflight && method === "GET" && random() < share;
        },
        times: Number.POSITIVE_INFINITY,
        act: (response, proceed) => {
          const answer = oneOf([...answers, undefined]);
          if (answer === undefined) drop(response, proceed);
          else answer(response);
        },
      },
      {
        when: ({ path, method }: FakeRequest) =>
          !preflight && path.endsWith("/dispatches") && method === "POST" && random() < share,
        times: Number.POSITIVE_INFINITY,
        // The run starts, and the answer is lost.
        act: (response, proceed) => {
          response.socket?.destroy();
          proceed();
        },
      },
    ],
  });
  process.send?.(fake.url);
  process.once("disconnect", () => process.exit());
}

process.once("message", (settings: FakeSettings) => void main(settings));
