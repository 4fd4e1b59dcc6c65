"""Queries on recipes, their models, targets and ensembles."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from db.records import EnsembleRecord, ModelRecord, RecipeRecord, TargetSetRecord
from db.schema import ensemble, member, model, recipe, stage, target_set


def put_recipe(
    connection: Connection,
    *,
    name: str,
    version: str,
    text: str,
    data_root: str,
    stages: Sequence[str],
    models: Sequence[ModelRecord],
    targets: Sequence[TargetSetRecord],
) -> int:
    """Record a recipe as it is now; what was known of that name before is replaced."""
    values = {"version": version, "text": text, "data_root": data_root}
    statement = insert(recipe).values(name=name, **values)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_=values)
    recipe_id = int(connection.execute(statement.returning(recipe.c.id)).scalar_one())
    for table in (stage, model, target_set):
        connection.execute(delete(table).where(table.c.recipe_id == recipe_id))
    for position, stage_name in enumerate(stages):
        connection.execute(
            insert(stage).values(recipe_id=recipe_id, position=position, name=stage_name)
        )
    for position, one in enumerate(models):
        row = {field: getattr(one, field) for field in ModelRecord.__dataclass_fields__}
        connection.execute(insert(model).values(recipe_id=recipe_id, position=position, **row))
    for target in targets:
        row = {field: getattr(target, field) for field in TargetSetRecord.__dataclass_fields__}
        connection.execute(insert(target_set).values(recipe_id=recipe_id, **row))
    return recipe_id


def recipe_named(connection: Connection, name: str) -> RecipeRecord | None:
    """A recipe as it was last given."""
    columns = [recipe.c[field] for field in RecipeRecord.__dataclass_fields__]
    row = connection.execute(select(*columns).where(recipe.c.name == name)).first()
    return None if row is None else RecipeRecord(*row)


def models_of(connection: Connection, recipe_id: int) -> list[ModelRecord]:
    """The models of a recipe in its order."""
    columns = [model.c[field] for field in ModelRecord.__dataclass_fields__]
    statement = select(*columns).where(model.c.recipe_id == recipe_id).order_by(model.c.position)
    return [ModelRecord(**row._mapping) for row in connection.execute(statement)]


def asked_keys(connection: Connection) -> set[str]:
    """Keys of all jobs that the models of any recipe ask for, as the recipes are now."""
    rows = connection.execute(select(model.c.train_key, model.c.predict_key))
    return {key for row in rows for key in row}


def members_without_model(connection: Connection) -> set[tuple[str, str]]:
    """(recipe, model) of members of saved ensembles that the recipe has no such model for."""
    same = (model.c.recipe_id == ensemble.c.recipe_id) & (model.c.name == member.c.name)
    statement = (
        select(recipe.c.name, member.c.name)
        .join(ensemble, ensemble.c.id == member.c.ensemble_id)
        .join(recipe, recipe.c.id == ensemble.c.recipe_id)
        .outerjoin(model, same)
        .where(model.c.name.is_(None))
    )
    return {(name, member_name) for name, member_name in connection.execute(statement)}


def all_targets(connection: Connection) -> list[TargetSetRecord]:
    """The target sets of all recipes."""
    columns = [target_set.c[field] for field in TargetSetRecord.__dataclass_fields__]
    return [TargetSetRecord(*row) for row in connection.execute(select(*columns))]


def targets_of(connection: Connection, recipe_id: int) -> dict[str, TargetSetRecord]:
    """The target sets of a recipe by split."""
    columns = [target_set.c[field] for field in TargetSetRecord.__dataclass_fields__]
    statement = select(*columns).where(target_set.c.recipe_id == recipe_id)
    return {row.split: TargetSetRecord(*row) for row in connection.execute(statement)}


def put_ensemble(connection: Connection, recipe_id: int, saved: EnsembleRecord) -> None:
    """Save an ensemble under its name; one of that name is replaced."""
    names = ("averaging", "view_rule", "frontal_weight", "key")
    values = {name: getattr(saved, name) for name in names}
    statement = insert(ensemble).values(recipe_id=recipe_id, name=saved.name, **values)
    statement = statement.on_conflict_do_update(index_elements=["recipe_id", "name"], set_=values)
    ensemble_id = connection.execute(statement.returning(ensemble.c.id)).scalar_one()
    connection.execute(delete(member).where(member.c.ensemble_id == ensemble_id))
    for position, (name, weight) in enumerate(saved.members.items()):
        row = {"ensemble_id": ensemble_id, "position": position, "name": name, "weight": weight}
        connection.execute(insert(member).values(**row, key=saved.member_keys.get(name)))


def ensembles_of(connection: Connection, recipe_id: int) -> list[EnsembleRecord]:
    """The saved ensembles of a recipe by name."""
    saved = connection.execute(
        select(ensemble).where(ensemble.c.recipe_id == recipe_id).order_by(ensemble.c.name)
    ).all()
    found = []
    for row in saved:
        statement = select(member).where(member.c.ensemble_id == row.id).order_by(member.c.position)
        members = connection.execute(statement).all()
        found.append(
            EnsembleRecord(
                name=row.name,
                averaging=row.averaging,
                view_rule=row.view_rule,
                frontal_weight=row.frontal_weight,
                members={one.name: one.weight for one in members},
                key=row.key,
                member_keys={one.name: one.key for one in members},
            )
        )
    return found
