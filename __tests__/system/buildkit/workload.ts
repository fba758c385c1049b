import type { Json, JsonObject } from "../../helpers/json";

/*
 * buildx speaks protobuf to the API server. Field numbers are those of Kubernetes' own generated.proto files, as far as a
 * builder's workload needs them; other fields are left out.
 */
type Shape = "text" | "number" | Message | { readonly list: Shape } | { readonly map: Shape };
interface Message {
  readonly fields: Readonly<Record<number, readonly [name: string, shape: Shape]>>;
}

const message = (fields: Message["fields"]): Message => ({ fields });

/** A quantity is a message of one text. */
const QUANTITY = message({ 1: ["string", "text"] });
const RESOURCES = message({ 1: ["limits", { map: QUANTITY }], 2: ["requests", { map: QUANTITY }] });
const METADATA = message({
  1: ["name", "text"],
  3: ["namespace", "text"],
  11: ["labels", { map: "text" }],
  12: ["annotations", { map: "text" }],
});
const CONTAINER = message({
  1: ["name", "text"],
  2: ["image", "text"],
  4: ["args", { list: "text" }],
  8: ["resources", RESOURCES],
});
const TOLERATION = message({
  1: ["key", "text"],
  2: ["operator", "text"],
  3: ["value", "text"],
  4: ["effect", "text"],
});
const POD = message({
  2: ["containers", { list: CONTAINER }],
  7: ["nodeSelector", { map: "text" }],
  22: ["tolerations", { list: TOLERATION }],
});
const TEMPLATE = message({ 1: ["metadata", METADATA], 2: ["spec", POD] });
const CLAIM = message({ 1: ["metadata", METADATA], 2: ["spec", message({ 2: ["resources", RESOURCES] })] });
/** Deployment and StatefulSet have the same numbers. */
const WORKLOAD = message({
  1: ["metadata", METADATA],
  2: [
    "spec",
    message({
      1: ["replicas", "number"],
      3: ["template", TEMPLATE],
      4: ["volumeClaimTemplates", { list: CLAIM }],
    }),
  ],
});
/** What every object is wrapped in, behind the four bytes `k8s\0`. */
const UNKNOWN = message({ 2: ["raw", WORKLOAD] });
const MAGIC = Buffer.from("k8s\0");

/** A Deployment or StatefulSet that was sent in protobuf. @throws Error when it is something else */
export function readWorkload(body: Buffer): JsonObject {
  if (!body.subarray(0, 4).equals(MAGIC)) throw new Error(`no Kubernetes protobuf: ${body.subarray(0, 80)}`);
  const { raw } = readMessage(body.subarray(4), UNKNOWN);
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) throw new Error("it holds no object");
  return raw as JsonObject;
}

function readMessage(bytes: Buffer, { fields }: Message): JsonObject {
  const result: Record<string, Json> = {};
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const [name, shape] = fields[tag >> 3] ?? [];
    if ((tag & 7) === 0) {
      const value = varint();
      if (name !== undefined && shape === "number") result[name] = value;
    } else if ((tag & 7) === 2) {
      const length = varint();
      const part = bytes.subarray(at, at + length);
      at += length;
      if (name !== undefined && shape !== undefined) result[name] = add(result[name], part, shape);
    } else {
      throw new Error(`wire type ${tag & 7} is not one that Kubernetes uses here`);
    }
  }
  return result;
}

/** What a field holds after one more occurrence of it. */
function add(before: Json | undefined, part: Buffer, shape: Shape): Json {
  if (shape === "text") return part.toString("utf8");
  if (shape === "number") throw new Error("a number was sent as bytes");
  if ("list" in shape) {
    const list: readonly Json[] = Array.isArray(before) ? before : [];
    return [...list, add(undefined, part, shape.list)];
  }
  if ("map" in shape) {
    const { key, value } = readMessage(part, message({ 1: ["key", "text"], 2: ["value", shape.map] }));
    return { ...(before as JsonObject | undefined), [String(key)]: value ?? "" };
  }
  const read = readMessage(part, shape);
  return shape === QUANTITY ? (read.string ?? "") : read;
}
