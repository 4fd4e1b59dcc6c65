"""A workspace in the middle of the poster's work, written through the public functions."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from db.attempts import add_attempt, attempts_of, update_attempt
from db.jobs import jobs, set_state
from db.points import add_points
from db.predictions import add_prediction_set
from db.records import AttemptStart, Job, Point, PredictionSetRecord, TargetSetRecord
from jobs.data.phantom.rows import draw_rows
from jobs.data.table import ImageTable
from jobs.durable import sha256_file
from jobs.plan import add_entry, recipe_entry
from jobs.planned import DataFacts, plan_jobs
from jobs.predictions import PredictionSet, write_predictions
from jobs.queue.journal import record
from jobs.recipe.load import load_recipe
from jobs.recipe.schema import PhantomSettings
from jobs.spec import KeptFile
from jobs.targets import write_targets
from jobs.workspace import Workspace, WorkspaceSettings, make_workspace

EPOCH_STEPS = 40
PHANTOM = PhantomSettings(
    train_images=2000, development_images=600, test_images=800, size=32, least_share=0.004
)
FINISHED = {"model0": 0.35, "model1": 0.30, "model3": 0.55, "model4": 0.5, "model6": 0.5}
HOSTILE_LOG = (
    "starting\n\x1b[31mred\x1b[0m text \x1b]0;owned title\x07 [bold]not markup[/bold]\n"
    "batch 1\rbatch 2\rbatch 3\nepoch 19 val mAP 0.2987 best\n\x1b[2Jcleared\x9b2J\n"
)


@dataclass
class Fixture:
    """A workspace and what tests want to reach in it."""

    workspace: Workspace
    tables: dict[str, ImageTable]

    def job(self, model: str, kind: str = "train") -> Job:
        with self.workspace.database.read() as connection:
            found = jobs(connection)
        return next(job for job in found if (job.model, job.kind) == (model, kind))

    def set_state(self, model: str, state: str, reason: str = "", kind: str = "train") -> None:
        with self.workspace.database.write() as connection:
            set_state(connection, self.job(model, kind).id, state, reason)

    def begin(self, model: str, kind: str = "train", started: float = 0.0) -> int:
        """Start an attempt; answers its id."""
        job = self.job(model, kind)
        with self.workspace.database.write() as connection:
            known = len(attempts_of(connection, job.id))
            uid = f"{model}-{kind}-{known + 1}"
            start = AttemptStart(
                uid, known + 1, 0, "cpu0", "here", "boot", "", None, started or 1e9 + known, 128
            )
            attempt = add_attempt(connection, job.id, start)
        folder = self.workspace.paths.job(job.folder) / f"attempt-{known + 1}"
        folder.mkdir(parents=True)
        (folder / "log.txt").write_text(f"{model} {kind} attempt {known + 1}\n")
        return attempt

    def end(self, attempt: int, state: str) -> None:
        with self.workspace.database.write() as connection:
            update_attempt(connection, attempt, state=state, ended=1e9)

    def epochs(self, attempt: int, first: int, last: int, of: int, *, start: float = 0.7) -> None:
        """Points of the epochs from `first` to `last` (excluded) of `of`."""
        rng = np.random.default_rng(attempt)
        points = []
        for step in range(first * EPOCH_STEPS + 1, last * EPOCH_STEPS + 1):
            epoch = step / EPOCH_STEPS
            loss = 0.15 + (start - 0.15) * np.exp(-epoch / 6) + rng.normal(0, 0.012)
            points.append(_point(attempt, "train", "loss", step, float(loss)))
        for done in range(first + 1, last + 1):
            step = done * EPOCH_STEPS
            gain = 1 - np.exp(-done / 8)
            points.append(
                _point(attempt, "train", "epoch_loss", step, 0.15 + (start - 0.15) * (1 - gain))
            )
            points.append(_point(attempt, "val", "loss", step, 0.17 + (start - 0.17) * (1 - gain)))
            low = 0.08 if start > 0.5 else 0.24
            high = 0.30 + (0.7 - start) / 30 + attempt % 5 / 400
            points.append(_point(attempt, "val", "map", step, low + (high - low) * gain))
        with self.workspace.database.write() as connection:
            add_points(connection, points)
            update_attempt(
                connection,
                attempt,
                step=last * EPOCH_STEPS,
                steps=of * EPOCH_STEPS,
                state="running",
            )

    def add(self, *points: Point) -> None:
        with self.workspace.database.write() as connection:
            add_points(connection, list(points))

    def predict(self, model: str, skill: float, levels: int = 0) -> None:
        """Finished predictions of dev and test; a few levels make ties."""
        attempt = self.begin(model, "predict", started=2e9)
        job = self.job(model, "predict")
        for number, split in enumerate(("dev", "test")):
            table = self.tables[split]
            rng = np.random.default_rng([int(model[-1]), number])
            logits = 2 * skill * table.targets + rng.normal(0, 1, table.targets.shape) - 2
            probabilities = 1 / (1 + np.exp(-logits))
            if levels:
                probabilities = np.round(probabilities * levels) / levels
            predictions = PredictionSet(
                split, table.labels, table.image, table.study, table.patient, table.view,
                probabilities.astype(np.float32),
            )  # fmt: skip
            folder = self.workspace.paths.job(job.folder) / "attempt-1" / "predictions"
            folder.mkdir(exist_ok=True)
            path = folder / f"{split}.parquet"
            sha256 = write_predictions(path, predictions)
            with self.workspace.database.write() as connection:
                place = str(path.relative_to(self.workspace.paths.root))
                record = PredictionSetRecord(attempt, split, place, sha256, len(table))
                add_prediction_set(connection, record, {})
        self.end(attempt, "succeeded")
        self.set_state(model, "succeeded", kind="predict")

    def log(self, model: str, text: str, number: int = 1) -> None:
        folder = self.workspace.paths.job(self.job(model).folder) / f"attempt-{number}"
        (folder / "log.txt").write_bytes(text.encode("utf-8", "surrogateescape"))


def empty_workspace(root: Path) -> Workspace:
    return make_workspace(root, WorkspaceSettings("cxr-lt-2023"))


def queued_workspace(
    root: Path,
    recipe: str = "cxr-lt-2023",
    labels: tuple[str, ...] = (),
    phantom: PhantomSettings = PHANTOM,
    never: tuple[str, ...] = (),
) -> Fixture:
    """The poster's eight models, all queued; a recipe's file can give the labels other names.

    The labels of `never` are positive in train only.
    """
    workspace = make_workspace(root, WorkspaceSettings(recipe))
    loaded = load_recipe(recipe)
    tables = {split: draw_rows(phantom, split).table for split in ("train", "dev", "test")}
    for label in never:
        for split in ("dev", "test"):
            tables[split].targets[:, tables[split].labels.index(label)] = False
    if labels:
        tables = {split: replace(table, labels=labels) for split, table in tables.items()}
    fingerprints = {split: table.fingerprint() for split, table in tables.items()}
    fingerprints["val"] = fingerprints["train"]
    workspace.paths.targets.mkdir(parents=True)
    targets = []
    for split, table in tables.items():
        path = workspace.paths.targets / f"{split}.parquet"
        write_targets(path, table)
        relative = str(path.relative_to(workspace.paths.root))
        targets.append(
            TargetSetRecord(split, fingerprints[split], relative, sha256_file(path), len(table))
        )
    facts = DataFacts(root / "data", KeptFile(path="", sha256=""), 0, fingerprints)
    planned = plan_jobs(loaded.recipe, facts)
    always = {model.name for model in loaded.recipe.models if not model.optional}
    record(
        workspace,
        recipe_entry(loaded.recipe, loaded.text, root / "data", planned, targets),
        add_entry(planned.of_models(loaded.recipe, always), 0),
    )
    return Fixture(workspace, tables)


def busy_workspace(
    root: Path, recipe: str = "cxr-lt-2023", labels: tuple[str, ...] = ()
) -> Fixture:
    """Stage 1 done, stage 2 half done: one restarted, one failed, one with a loss that broke."""
    made = queued_workspace(root, recipe, labels)
    for size in (512, 384, 320, 224):
        made.set_state(f"{size}px", "succeeded", kind="pack")
    for model, skill in FINISHED.items():
        attempt = made.begin(model)
        made.epochs(attempt, 0, 30, 30, start=0.7 if model < "model2" else 0.35)
        made.end(attempt, "succeeded")
        made.set_state(model, "succeeded")
        made.predict(model, skill)
    first = made.begin("model2")
    made.epochs(first, 0, 13, 30, start=0.35)
    made.end(first, "interrupted")
    second = made.begin("model2")
    made.epochs(second, 10, 19, 30, start=0.35)
    made.set_state("model2", "running")
    made.log("model2", HOSTILE_LOG, number=2)
    broken = made.begin("model5")
    made.epochs(broken, 0, 9, 30, start=0.35)
    for step in range(9 * EPOCH_STEPS + 1, 10 * EPOCH_STEPS):
        made.add(_point(broken, "train", "loss", step, None))
    made.end(broken, "failed")
    made.set_state("model5", "failed", "the loss is not finite: step 361")
    made.set_state("model5", "blocked", "model5 train failed", kind="predict")
    running = made.begin("model7")
    made.epochs(running, 0, 4, 30, start=0.3)
    made.set_state("model7", "running")
    made.set_state("model2", "queued", "needs model2 train", kind="predict")
    made.set_state("model7", "queued", "needs model7 train", kind="predict")
    return made


def _point(attempt: int, split: str, name: str, step: int, value: float | None) -> Point:
    return Point(attempt, split, name, step, step / EPOCH_STEPS, 1e9 + step, value)
