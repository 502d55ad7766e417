"""What the author of a strategy imports; loaded on first use, so that the CLI starts light."""

from importlib import import_module, metadata

_HOMES = {
    "Bar": "maemae.strategy.news",
    "Filled": "maemae.strategy.news",
    "Hold": "maemae.strategy.exits",
    "Strategy": "maemae.strategy.author",
    "Symbol": "maemae.domain.ids",
    "backtest": "maemae.app.library",
    "param": "maemae.strategy.parameters",
    "won": "maemae.strategy.exits",
}
_MODULES = ("sizing", "split", "start", "ta")
__all__ = ["__version__", *_MODULES, *_HOMES]


def __getattr__(name: str) -> object:
    if name == "__version__":
        return metadata.version("maemae")
    if name in _MODULES:
        return import_module(f"maemae.strategy.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'maemae' has no attribute {name!r}")
