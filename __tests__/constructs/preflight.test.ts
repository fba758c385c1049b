import { describe, expect, it } from "vitest";
import { Preflight, type PreflightProps } from "../../constructs/preflight";
import { synthesizeConstruct } from "../helpers/synth";

describe("Preflight", () => {
  const check = { condition: "<ok>", errorMessage: "Set it first." };
  const preconditions = (props: PreflightProps) => {
    const checked = synthesizeConstruct((scope) => {
      new Preflight(scope, "preflight", props);
    });
    return {
      conditions: checked.body("terraform_data", "preflight/conditions").lifecycle,
      locals: checked.json.locals,
    };
  };

  it("stops a plan while an example's value is left, and names it", () => {
    const { conditions, locals } = preconditions({ checks: [], placeholders: ["github.owner (x)", "y"] });
    expect(Object.values(locals ?? {})).toEqual([["github.owner (x)", "y"]]);
    expect(conditions).toEqual({
      precondition: [
        {
          condition: expect.stringMatching(/^<length\(local\.preflight_placeholders_\w+\) == 0>$/) as string,
          error_message: "Replace the example's values first: github.owner (x); y.",
        },
      ],
    });
  });

  it("counts none where none is left", () => {
    expect(Object.values(preconditions({ checks: [] }).locals ?? {})).toEqual([[]]);
  });

  it("stops a plan while a condition does not hold, and says what to do", () => {
    expect(preconditions({ checks: [check] }).conditions).toMatchObject({
      precondition: [{ condition: "<ok>", error_message: "Set it first." }, {}],
    });
  });
});
