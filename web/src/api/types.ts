/** The words of the API under the names that the page calls them by. */

import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Me = Schemas['Me'];
export type Account = Me['accounts'][number];
export type Mode = Account['mode'];
export type KillLevel = Schemas['KillLevel'];
export type TradingState = Schemas['TradingState'];
export type Order = Schemas['OrderRow'];
export type Wish = Schemas['WaitingRow'];
export type OrderTerms = Schemas['OrderTerms'];
export type Preview = Schemas['ShownPreview'];
export type Execution = Schemas['ExecutionRow'];
export type Position = Schemas['PositionRow'];
export type Run = Schemas['RunRow'];
export type Parameter = Schemas['Parameter'];
export type Balance = Schemas['Balance'];
export type Standing = Schemas['Standing'];
