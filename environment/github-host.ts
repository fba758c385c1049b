/** A GitHub: github.com, an enterprise with data residency, or GitHub Enterprise Server. */
export interface GithubHost {
  readonly url: string;
  /** Base URL of the REST API. */
  readonly apiUrl: string;
}

const GITHUB_COM = "github.com";

/** The GitHub whose tokens have this issuer. */
export function githubOf(issuer: string): GithubHost {
  const { host, pathname } = new URL(issuer);
  if (pathname === "/_services/token") return { url: `https://${host}`, apiUrl: `https://${host}/api/v3` };
  const domain = host.replace(/^token\.actions\./, "").replace(/^githubusercontent\.com$/, GITHUB_COM);
  return { url: `https://${domain}`, apiUrl: `https://api.${domain}` };
}

export const isGithubCom = (issuer: string): boolean => githubOf(issuer).url === `https://${GITHUB_COM}`;
/** GitHub Enterprise Server has no machines of GitHub's. */
export const isEnterpriseServer = (issuer: string): boolean => issuer.endsWith("/_services/token");
