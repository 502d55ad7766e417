from maemae.domain.ids import Symbol as Symbol
from maemae.strategy import sizing as sizing
from maemae.strategy import split as split
from maemae.strategy import start as start
from maemae.strategy import ta as ta
from maemae.strategy.author import Strategy as Strategy
from maemae.strategy.exits import Hold as Hold
from maemae.strategy.exits import won as won
from maemae.strategy.news import Bar as Bar
from maemae.strategy.news import Filled as Filled
from maemae.strategy.parameters import param as param

__all__: list[str]
__version__: str
