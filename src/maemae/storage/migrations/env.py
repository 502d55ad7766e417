"""What Alembic runs to migrate; `maemae.storage.migrate` hands the connection in."""

from __future__ import annotations

from alembic import context

from maemae.failpoints import hit


def migrate() -> None:
    """Run the revisions that are missing, all of them or none."""
    context.configure(
        connection=context.config.attributes["connection"],
        transactional_ddl=True,
        on_version_apply=lambda **_: hit("migration.step"),
    )
    with context.begin_transaction():
        context.run_migrations()


if __name__ == "env_py":  # the name under which Alembic loads this file
    migrate()
