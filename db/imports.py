"""Queries on predictions that were made elsewhere."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from db.records import ImportedSetRecord
from db.schema import imported_set

_COLUMNS = [imported_set.c[field] for field in ImportedSetRecord.__dataclass_fields__]


def put_imported_set(connection: Connection, recipe_id: int, record: ImportedSetRecord) -> None:
    """Record what was imported; what that name had of that split is replaced."""
    row = {"recipe_id": recipe_id, **vars(record)}
    connection.execute(insert(imported_set).prefix_with("OR REPLACE").values(row))


def imports_of(connection: Connection, recipe_id: int) -> dict[str, dict[str, ImportedSetRecord]]:
    """What was imported for a recipe, by name and split, names in alphabetical order."""
    statement = select(*_COLUMNS).where(imported_set.c.recipe_id == recipe_id)
    found: dict[str, dict[str, ImportedSetRecord]] = {}
    for row in connection.execute(statement.order_by(imported_set.c.name, imported_set.c.split)):
        found.setdefault(row.name, {})[row.split] = ImportedSetRecord(*row)
    return found


def all_imports(connection: Connection) -> list[ImportedSetRecord]:
    """What was imported for any recipe."""
    return [ImportedSetRecord(*row) for row in connection.execute(select(*_COLUMNS))]
