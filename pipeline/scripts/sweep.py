#!/usr/bin/env python3
"""Removes builders of the experiment that no job uses any more.

    sweep.py --namespace buildx --older-than 90 [--cluster NAME --region REGION] [--dry-run]

A job removes its builder itself, after a cancel too; a runner that is lost cannot. Builders are found by their pods
(label app, name build-...), because a job may list pods and nothing else, and removed when every pod of one has been
there longer than --older-than minutes, which no job is. With --cluster it asks AWS for the cluster's address and a
token; without, it uses the service account of the pod it runs in. Exit code 0: swept; 1: something is left or unknown.
Needs nothing but Python 3.9, and the AWS CLI with --cluster.
"""

import argparse
import base64
import datetime
import json
import os
import pathlib
import re
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

SERVICE_ACCOUNT = pathlib.Path("/var/run/secrets/kubernetes.io/serviceaccount")
BUILDER = re.compile(r"^build-\d+-\d+-(hosted|custom)-(default|kubernetes)0$")
KINDS = ("deployments", "statefulsets")


class Problem(Exception):
    """An error for the user: one line, no stack trace."""


class Api:
    def __init__(self, url, token, ca):
        self.url = url
        self.token = token
        self.context = ssl.create_default_context(cadata=ca)
        # Python 3.13 asks for key identifiers, which the authority of an EKS cluster does not have
        # (github.com/kubernetes-client/python/issues/2394). The chain and the host's name are still verified.
        self.context.verify_flags &= ~ssl.VERIFY_X509_STRICT

    def ask(self, method, path, body=None):
        request = urllib.request.Request(
            f"{self.url}{path}",
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if method == "DELETE" and error.code == 404:
                return None
            raise Problem(f"{method} {path}: HTTP {error.code} {error.reason}") from None
        except (OSError, ValueError) as error:
            raise Problem(f"{method} {path}: {error}") from None


def aws(*arguments):
    try:
        done = subprocess.run(["aws", *arguments, "--output", "json"], capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        raise Problem("the AWS CLI is not on the PATH: install it, or run in a pod without --cluster") from None
    except subprocess.TimeoutExpired:
        raise Problem(f"aws {' '.join(arguments[:2])} did not end within 60 s") from None
    if done.returncode != 0:
        raise Problem(f"aws {' '.join(arguments[:2])} failed: {' '.join(done.stderr.split())[-300:]}")
    return json.loads(done.stdout)


def connect(options):
    if options.cluster:
        where = ("--region", options.region) if options.region else ()
        cluster = aws("eks", "describe-cluster", "--name", options.cluster, *where)["cluster"]
        token = aws("eks", "get-token", "--cluster-name", options.cluster, *where)["status"]["token"]
        ca = base64.b64decode(cluster["certificateAuthority"]["data"]).decode()
        return Api(cluster["endpoint"], token, ca)
    try:
        token = (SERVICE_ACCOUNT / "token").read_text(encoding="ascii")
        ca = (SERVICE_ACCOUNT / "ca.crt").read_text(encoding="ascii")
        host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    except (OSError, KeyError):
        raise Problem("not in a pod with a service account: name the cluster with --cluster") from None
    return Api(f"https://{host}:{port}", token, ca)


def abandoned(pods, oldest):
    """Names of builders whose pods were all created before `oldest`. A pod that is being deleted has been seen to."""
    created = {}
    for pod in pods:
        if pod["metadata"].get("deletionTimestamp"):
            continue
        name = pod["metadata"].get("labels", {}).get("app", "")
        if BUILDER.match(name):
            at = datetime.datetime.fromisoformat(pod["metadata"]["creationTimestamp"].replace("Z", "+00:00"))
            created[name] = max(at, created.get(name, at))
    return sorted(name for name, newest in created.items() if newest < oldest)


def sweep(api, namespace, older_than, dry_run):
    pods = api.ask("GET", f"/api/v1/namespaces/{urllib.parse.quote(namespace)}/pods")["items"]
    oldest = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=older_than)
    left = []
    names = abandoned(pods, oldest)
    for name in names:
        print(f"{'would remove' if dry_run else 'removing'} {name}")
        if dry_run:
            continue
        # A builder is a Deployment, or a StatefulSet when it has a volume; the right to the latter may be missing.
        answers = []
        for kind in KINDS:
            path = f"/apis/apps/v1/namespaces/{urllib.parse.quote(namespace)}/{kind}/{name}"
            try:
                answers.append(api.ask("DELETE", path, {"propagationPolicy": "Foreground"}) is not None)
            except Problem as problem:
                answers.append(problem)
        if True not in answers:
            left.append(f"{name}: {next((a for a in answers if isinstance(a, Problem)), 'its pods have no owner')}")
    print(f"{len(names)} abandoned, {len(left)} left")
    return left


def main():
    parser = argparse.ArgumentParser(
        prog="sweep.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--older-than", required=True, type=int, metavar="MINUTES")
    parser.add_argument("--cluster", help="name of the EKS cluster")
    parser.add_argument("--region", help="region of the EKS cluster")
    parser.add_argument("--dry-run", action="store_true", help="remove nothing")
    options = parser.parse_args()
    try:
        left = sweep(connect(options), options.namespace, options.older_than, options.dry_run)
    except Problem as problem:
        sys.exit(f"::error::{problem}")
    except (KeyError, TypeError, ValueError) as error:
        sys.exit(f"::error::an answer is not in the form that was expected: {error!r}")
    if left:
        sys.exit("\n".join(f"::error::{line}" for line in left))


if __name__ == "__main__":
    main()
