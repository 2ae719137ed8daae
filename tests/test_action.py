"""The GitHub Action, the GitLab template and the pre-commit hooks: their own steps run in a scratch repository.

A small runner stands in for GitHub's. It fills in the `${{ … }}` expressions of `env:`, runs each `run:` block
with bash and carries outputs from step to step. `gh` is a script that keeps comments in a folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from plans import plan_in

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
CATALOG = Path(__file__).parent / "cases" / "catalog"

INVENTORY = """schema_version: 1
name: team
policies: {denied_tiers: [colo]}
workloads:
  - id: chat
    kind: inference
    demand: {accelerators: {model: Big, count: 2, hours_per_month: 100}}
    residency: [FR]
"""

GH = """#!/usr/bin/env bash
set -eu
echo "$@" >> "$GH_FOLDER/calls"
case "$*" in
  *--paginate*) if [ -f "$GH_FOLDER/body" ]; then echo 17; fi ;;
  *body=@*) for last; do :; done; cp "${last#body=@}" "$GH_FOLDER/body" ;;
esac
"""


class Repository:
    """A scratch repository with an inventory and a catalog layer of its own, and an origin."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.temp = folder / "temp"
        self.temp.mkdir()
        origin = folder / "origin.git"
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(origin)], check=True)
        subprocess.run(["git", "clone", "-q", str(origin), str(self.folder)], check=True, capture_output=True)
        shutil.copytree(CATALOG, self.folder / "prices")
        self.write("inventory.yaml", INVENTORY)
        self.base = self.commit("first")
        self.git("push", "-q", "origin", "HEAD:main")

    def git(self, *arguments: str) -> str:
        about = ("-c", "user.name=a", "-c", "user.email=a@b")
        done = subprocess.run(["git", *about, *arguments], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


class Run:
    """What came of the action."""

    def __init__(self, status: int, log: str, outputs: dict[str, str], body: str, calls: str) -> None:
        self.status, self.log, self.outputs, self.body, self.calls = status, log, outputs, body, calls


def value_of(expression: str, known: dict[str, str]) -> str:
    """An `${{ a || b }}` of the action's own."""
    for part in expression.split("||"):
        value = known.get(part.strip(), "")
        if value:
            return value
    return ""


def run_action(repository: Repository, **inputs: str) -> Run:
    """Run the action's steps but those that set up Python and install, as a pull request against the base."""
    defaults = {name: str(about.get("default", "")) for name, about in ACTION["inputs"].items()}
    known = {f"inputs.{name}": value for name, value in {**defaults, "token": "secret", **inputs}.items()}
    known |= {
        "github.event.pull_request.base.sha": repository.base,
        "github.event.pull_request.number": "5",
        "github.repository": "owner/name",
        "github.action_path": str(ROOT),
    }
    folder = repository.temp
    bin_ = folder / "bin"
    bin_.mkdir(exist_ok=True)
    (bin_ / "gh").write_text(GH)
    (bin_ / "placement").write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m placement "$@"\n')
    for script in bin_.iterdir():
        script.chmod(0o755)
    log, status = "", 0
    for step in ACTION["runs"]["steps"]:
        if "uses" in step or "pip" in step["run"] or not condition_holds(step.get("if", ""), known):
            continue
        output = folder / "output"
        output.write_text("")
        env = {
            **{key: value for key, value in os.environ.items() if key in ("HOME", "LANG", "TMPDIR")},
            "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}",
            "PLACEMENT_NO_CACHE": "1",
            "RUNNER_TEMP": str(folder),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "GH_FOLDER": str(folder),
        }
        env |= {
            key: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: value_of(found[1], known), str(value))
            for key, value in step.get("env", {}).items()
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(command, cwd=repository.folder, env=env, capture_output=True, text=True, check=False)
        log += done.stdout + done.stderr
        for line in output.read_text().splitlines():
            name, _, value = line.partition("=")
            known[f"steps.{step.get('id')}.outputs.{name}"] = value
        if done.returncode:
            status = done.returncode
            break
    outputs = {name.removeprefix("steps.compare.outputs."): value for name, value in known.items() if "outputs" in name}
    body, calls = folder / "body", folder / "calls"
    return Run(
        status,
        log,
        outputs,
        body.read_text(encoding="utf-8") if body.exists() else "",
        calls.read_text(encoding="utf-8") if calls.exists() else "",
    )


def condition_holds(condition: str, known: dict[str, str]) -> bool:
    """The action's conditions are equalities and names, joined by `&&`."""
    for part in filter(None, condition.split("&&")):
        name, _, wanted = part.partition("==")
        value = known.get(name.strip(), "")
        if not (value == wanted.strip().strip("'") if wanted else value):
            return False
    return True


LAYERS = {"catalog": "prices", "arguments": "--no-shipped-catalog"}


def test_nothing_changed(repository: Repository) -> None:
    repository.commit("nothing")
    run = run_action(repository, **LAYERS)
    assert (run.status, run.outputs["changed"]) == (0, "false"), run.log
    assert "Nothing changed" in run.body


def test_a_price_change_is_put_down_to_the_provider(repository: Repository) -> None:
    repository.edit("prices/gpu_cloud/forge.offers.csv", "on_demand,3,", "on_demand,3.5,")
    repository.commit("forge is dearer")
    run = run_action(repository, **LAYERS)
    assert (run.status, run.outputs["changed"]) == (0, "true"), run.log
    assert "| +$100.00 | prices of forge |" in run.body
    assert "::notice file=inventory.yaml,line=5,col=9,title=chat changed::+$100.00 a month" in run.log


def test_a_demand_change_is_put_down_to_the_workload(repository: Repository) -> None:
    repository.edit("inventory.yaml", "hours_per_month: 100", "hours_per_month: 150")
    repository.commit("more hours")
    run = run_action(repository, **LAYERS)
    assert run.status == 0, run.log
    assert "| +$300.00 | demand of chat |" in run.body


def test_a_policy_breach_fails_and_is_named(repository: Repository) -> None:
    """A new rule moves the workload out of France to a new provider, which a guardrail forbids."""
    repository.edit("inventory.yaml", "residency: [FR]", "residency: [DE]")
    repository.commit("data moves to Germany")
    arguments = "--no-shipped-catalog --no-new-providers --max-increase-usd 100"
    run = run_action(repository, catalog="prices", arguments=arguments)
    assert run.status == 1
    assert "| +$400.00 | policies and rules of chat |" in run.body
    assert "nimbus \\(new\\)" in run.body
    assert "::error file=inventory.yaml" in run.log
    assert "a guardrail is broken" in run.log


def test_both_at_once_are_told_apart(repository: Repository) -> None:
    """200 → 300 node-hours and $3 → $3.50: 100 h × $3.25 and $0.50 × 250 h."""
    repository.edit("inventory.yaml", "hours_per_month: 100", "hours_per_month: 150")
    repository.edit("prices/gpu_cloud/forge.offers.csv", "on_demand,3,", "on_demand,3.5,")
    repository.commit("both")
    run = run_action(repository, **LAYERS)
    assert run.status == 0, run.log
    assert "| +$325.00 | demand of chat |" in run.body
    assert "| +$125.00 | prices of forge |" in run.body


def test_one_comment_is_kept_up_to_date(repository: Repository) -> None:
    repository.edit("inventory.yaml", "hours_per_month: 100", "hours_per_month: 150")
    repository.commit("more hours")
    first = run_action(repository, **LAYERS)
    second = run_action(repository, **LAYERS)
    assert "--method POST" in first.calls
    assert "--method PATCH repos/owner/name/issues/comments/17" in second.calls
    assert second.body.startswith("<!-- placement ")
    assert run_action(repository, **LAYERS, comment="false").calls == second.calls


def test_the_base_may_be_a_branch_that_was_not_fetched(repository: Repository) -> None:
    """A checkout of depth 1 knows no other branch; the first push of a branch names no commit at all."""
    repository.git("branch", "release", repository.base)
    repository.git("push", "-q", "origin", "release")
    repository.git("branch", "-D", "release")
    repository.git("update-ref", "-d", "refs/remotes/origin/release")
    repository.edit("inventory.yaml", "hours_per_month: 100", "hours_per_month: 150")
    repository.commit("more hours")
    for base in ("release", "0" * 40):
        run = run_action(repository, **LAYERS, base=base)
        assert run.status == 0, run.log
        assert "| +$300.00 | demand of chat |" in run.body


def test_an_inventory_that_was_not_there_is_all_new(repository: Repository) -> None:
    repository.write("second.yaml", INVENTORY)
    repository.commit("a second inventory")
    run = run_action(repository, **LAYERS, inventory="second.yaml")
    assert run.status == 0, run.log
    assert "| +$600.00 | new workload chat |" in run.body


def test_bad_input_fails_with_its_message(repository: Repository) -> None:
    repository.edit("inventory.yaml", "kind: inference", "kind: inferense")
    repository.commit("a slip")
    run = run_action(repository, **LAYERS)
    assert run.status == 2
    assert "error[unknown-choice]" in run.log
    assert run.body == ""


def test_expectations_are_checked_on_request(repository: Repository) -> None:
    repository.write("inventory.yaml", INVENTORY + "expect: [{workload: chat, countries: [DE]}]\n")
    repository.commit("wrong expectation")
    # The checks know no other catalog than the shipped one and the layers.
    repository.edit("inventory.yaml", "model: Big", "model: H100-SXM")
    repository.base = repository.commit("a real accelerator")
    run = run_action(repository, check="true")
    assert run.status == 1
    assert "::error file=inventory.yaml,line=9" in run.log


@pytest.mark.parametrize("name", ["inv $(touch pwned).yaml", "a;touch pwned;.yaml", "x`touch pwned`.yaml", "-h.yaml"])
def test_input_never_becomes_a_command(repository: Repository, name: str) -> None:
    """Names with shell syntax are names: user data goes through `env:` only."""
    repository.write(name, INVENTORY)
    repository.base = repository.commit("an odd name")
    run = run_action(repository, **LAYERS, inventory=name)
    assert run.status == 0, run.log
    assert not list(repository.folder.rglob("pwned"))


def test_no_expression_stands_in_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", ""), step["name"]
        assert step.get("shell") == "bash" or "uses" in step


def test_the_install_step_installs_this_repository() -> None:
    (install,) = [step for step in ACTION["runs"]["steps"] if "pip" in step.get("run", "")]
    assert install["env"] == {"ACTION_PATH": "${{ github.action_path }}"}
    assert (ROOT / "pyproject.toml").is_file()


def test_gitlab_job(repository: Repository) -> None:
    """The template's own script, with the variables GitLab sets."""
    job = yaml.safe_load((ROOT / "ci" / "placement.gitlab-ci.yml").read_text(encoding="utf-8"))
    repository.edit("inventory.yaml", "residency: [FR]", "residency: [DE]")
    repository.commit("data moves to Germany")
    run_action(repository, **LAYERS)
    env = {
        **job["variables"],
        "PATH": f"{repository.temp / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PLACEMENT_NO_CACHE": "1",
        "PLACEMENT_ARGUMENTS": "--no-shipped-catalog --catalog=prices --no-new-providers",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": repository.base,
    }
    script = "\n".join(job["placement"]["script"])
    command = ["bash", "-eo", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=repository.folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    quality = json.loads((repository.folder / "placement-quality.json").read_text(encoding="utf-8"))
    assert {finding["severity"] for finding in quality} == {"info", "major"}
    assert 'failures="1"' in (repository.folder / "placement-guardrails.xml").read_text(encoding="utf-8")
    assert "policies and rules of chat" in (repository.folder / "placement.md").read_text(encoding="utf-8")


def test_pre_commit_hooks(repository: Repository) -> None:
    """Each hook's entry with its default arguments, as pre-commit would call it."""
    hooks: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    run_action(repository, **LAYERS)
    repository.write("inventory.yaml", INVENTORY + "expect: [{placed: true}]\n")
    repository.edit("inventory.yaml", "model: Big", "model: H100-SXM")
    env = {
        "PATH": f"{repository.temp / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PLACEMENT_NO_CACHE": "1",
    }

    def call(*words: str) -> int:
        return subprocess.run([*words], cwd=repository.folder, env=env, capture_output=True, check=False).returncode

    assert call("placement", "advise", "inventory.yaml", "--output", "plan.json") == 0
    for hook in hooks:
        files = [] if hook.get("pass_filenames") is False else ["inventory.yaml"]
        assert re.search(hook["files"], "teams/inventory-eu.yaml")
        assert call(*hook["entry"].split(), *hook.get("args", []), *files) == 0, hook["id"]
    repository.edit("inventory.yaml", "count: 2", "count: 3")
    locked = next(hook for hook in hooks if hook["id"] == "placement-locked")
    assert call(*locked["entry"].split(), *locked["args"]) == 1
    assert plan_in(repository.folder / "plan.json").summary.workloads == 1
