"""The preflight of a plan: when it is made, what is shown of it, and when it refuses."""

from dataclasses import dataclass
from pathlib import Path

import typer

from cxrtui.enqueue import Plan
from cxrtui.follow import STOPPED_BY_PERSON
from cxrtui.output import console, errors, print_json, print_text
from cxrtui.show.plain import plain
from cxrtui.show.plan import plan_json
from cxrtui.show.preflight import measuring, preflight_json, preflight_lines, preflight_table
from jobs.preflight.amounts import Amounts
from jobs.preflight.preflight import Findings, Question, preflight
from jobs.workspace import WorkspaceSettings


@dataclass
class Check:
    """Stands before the queue: `wanted` is None where the recipe's cost decides."""

    root: Path
    settings: WorkspaceSettings
    wanted: bool | None
    json: bool
    findings: Findings | None = None

    def __call__(self, plan: Plan) -> None:
        """Make the preflight if one is due; typer.Exit where something cannot fit."""
        question = self._question(plan)
        if not question.jobs or not (question.is_costly if self.wanted is None else self.wanted):
            return
        try:
            with measuring(errors) as progress:
                self.findings = preflight(question, progress, anew=bool(self.wanted))
        except KeyboardInterrupt:
            errors.print("stopped; nothing was queued")
            raise typer.Exit(STOPPED_BY_PERSON) from None
        if self.findings.faults:
            self._refuse(plan, self.findings)

    def show(self) -> None:
        """Print what was found, if there was a preflight."""
        if self.findings is None:
            return
        console.print()
        if self.findings.tried:
            console.print(preflight_table(self.findings))
        for line in preflight_lines(self.findings):
            print_text(line)
        for warning in self.findings.warnings:
            print_text(f"warning: {warning}")

    def to_json(self) -> dict[str, object]:
        """What was found as the field `preflight`; no field where there was none."""
        return {} if self.findings is None else {"preflight": preflight_json(self.findings)}

    def _question(self, plan: Plan) -> Question:
        data = plan.data
        amounts = Amounts.to_come(plan.recipe.recipe.data) if data is None else Amounts.of(data)
        running = [line.job for line in plan.lines if line.runs]
        return Question(self.root, self.settings, running, amounts, data)

    def _refuse(self, plan: Plan, found: Findings) -> None:
        if self.json:
            print_json({"plan": plan_json(plan.lines), **self.to_json()})
        else:
            self.show()
        for fault in found.faults:
            errors.print(plain(f"cxrtui: {fault}"), soft_wrap=True)
        if self.wanted is None:
            errors.print("nothing was queued; `--no-preflight` queues all the same")
        raise typer.Exit(2)
