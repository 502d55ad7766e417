"""What the author of a strategy imports; loaded on first use, so that the CLI starts light."""

from importlib import import_module, metadata

__all__ = ["Bar", "Filled", "Strategy", "Symbol", "__version__", "backtest", "param", "ta"]

_HOMES = {
    "Bar": "maemae.strategy.news",
    "Filled": "maemae.strategy.news",
    "Strategy": "maemae.strategy.author",
    "Symbol": "maemae.domain.ids",
    "backtest": "maemae.app.library",
    "param": "maemae.strategy.parameters",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        return metadata.version("maemae")
    if name == "ta":
        return import_module("maemae.strategy.ta")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'maemae' has no attribute {name!r}")
