"""The tables. A number here goes with every change of them: `SCHEMA_VERSION`."""

from typing import Final

from sqlalchemy import (
    JSON,
    Column,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

SCHEMA_VERSION: Final = 5

metadata = MetaData()

# How far the journal has been applied, and what is true of the queue as a whole.
journal_state = Table(
    "journal_state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("offset", Integer, nullable=False),
    Column("frozen", Integer, nullable=False),
)

recipe = Table(
    "recipe",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("version", String, nullable=False),
    Column("text", String, nullable=False),
    Column("data_root", String, nullable=False),
)

stage = Table(
    "stage",
    metadata,
    Column("recipe_id", ForeignKey("recipe.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", String, nullable=False),
)

model = Table(
    "model",
    metadata,
    Column("recipe_id", ForeignKey("recipe.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("stage", String, nullable=False),
    Column("parent", String),
    Column("optional", Integer, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("train_key", String, nullable=False),
    Column("predict_key", String, nullable=False),
)

job = Table(
    "job",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("recipe", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("model", String, nullable=False),
    Column("folder", String, nullable=False),
    Column("needs", JSON, nullable=False),  # keys of jobs that must have succeeded
    Column("priority", Integer, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("reason", String, nullable=False),
    Column("queued", Float, nullable=False),
    Column("spec", JSON, nullable=False),
    sqlite_autoincrement=True,  # an id is never used again, also after a job was forgotten
)

# What people asked of a job, in the order of the journal.
request = Table(
    "request",
    metadata,
    Column("journal", Integer, primary_key=True),
    Column("job_id", ForeignKey("job.id"), primary_key=True),
    Column("verb", String, nullable=False),
    Column("value", Integer),
    Column("time", Float, nullable=False),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", String, nullable=False, unique=True),
    Column("job_id", ForeignKey("job.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("journal", Integer, nullable=False),  # journal offset when it began
    Column("slot", String, nullable=False),
    Column("host", String, nullable=False),
    Column("boot", String, nullable=False),  # boot id of that host
    Column("gpu", String, nullable=False),  # what GPU, as its driver calls it; "" for none
    Column("gpu_bytes", Integer),  # memory of one such GPU
    Column("started", Float, nullable=False),
    Column("micro_batch", Integer),  # images at once
    Column("ended", Float),
    Column("exit_code", Integer),
    Column("signal", Integer),
    Column("peak_bytes", Integer),
    Column("gpu_peak", Integer),  # bytes of one GPU, the most that was told
    Column("reason", String, nullable=False),
    Column("offset", Integer, nullable=False),  # bytes of events.jsonl taken in
    Column("seq", Integer, nullable=False),  # of the last event taken in
    Column("step", Integer, nullable=False),  # the latest told
    Column("steps", Integer),  # of the whole job
    Column("checkpoint", Integer, nullable=False),  # step of the newest checkpoint told
    UniqueConstraint("job_id", "number"),
    sqlite_autoincrement=True,
)

# Numbers over steps. The key is the order in which a chart of one model reads them.
point = Table(
    "point",
    metadata,
    Column("attempt_id", ForeignKey("attempt.id"), primary_key=True),
    Column("split", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("epoch", Float, nullable=False),
    Column("time", Float, nullable=False),
    Column("value", Float),  # NULL: not a finite number
    sqlite_with_rowid=False,
)

prediction_set = Table(
    "prediction_set",
    metadata,
    Column("attempt_id", ForeignKey("attempt.id"), primary_key=True),
    Column("split", String, primary_key=True),
    Column("path", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("rows", Integer, nullable=False),
)

label_ap = Table(
    "label_ap",
    metadata,
    Column("attempt_id", ForeignKey("attempt.id"), primary_key=True),
    Column("split", String, primary_key=True),
    Column("view_rule", String, primary_key=True),
    Column("label", String, primary_key=True),
    Column("value", Float),  # NULL: undefined
    sqlite_with_rowid=False,
)

# Commands of the workspace's owner that are still to be run: see jobs/queue/hooks.py.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event", String, nullable=False),
    Column("values", JSON, nullable=False),  # environment variables
    Column("tries", Integer, nullable=False),
)

target_set = Table(
    "target_set",
    metadata,
    Column("recipe_id", ForeignKey("recipe.id"), primary_key=True),
    Column("split", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("path", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("rows", Integer, nullable=False),
)

ensemble = Table(
    "ensemble",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recipe_id", ForeignKey("recipe.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("averaging", String, nullable=False),
    Column("view_rule", String, nullable=False),
    Column("frontal_weight", Float, nullable=False),
    Column("key", String),  # when it was saved; NULL: by a cxrtui that kept none
    UniqueConstraint("recipe_id", "name"),
)

member = Table(
    "member",
    metadata,
    Column("ensemble_id", ForeignKey("ensemble.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", String, nullable=False),  # of a model or of imported predictions
    Column("weight", Float, nullable=False),
    Column("key", String),  # as that of the ensemble
)

# Predictions that were made elsewhere.
imported_set = Table(
    "imported_set",
    metadata,
    Column("recipe_id", ForeignKey("recipe.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("split", String, primary_key=True),
    Column("path", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("source", String, nullable=False),  # the file that they came from
)
