/** What an element author needs, and nothing else. */

export { Bin, Builder, Part } from './bin.js';
export { Cuts } from './cuts.js';
export type {
  Declared,
  Description,
  Metadata,
  PadTemplate,
  PadTemplates,
  ParamType,
  PropertyDescription,
  Signal,
  Signals,
  Verb,
} from './declaration.js';
export { describe } from './declaration.js';
export { Draft, Drafts } from './drafts.js';
export type { Caps, CapsFraction, ElementEvent, LatencyReport, SendOptions } from './element.js';
export { Element } from './element.js';
export type { ErrorCode, ErrorDomain, TalkErrorOptions } from './error.js';
export { ERROR_CODES, isErrorCode, TalkError, toTalkError } from './error.js';
export { quoteValue } from './fragment.js';
export type { EventItem, Fields, Frame, Item, Plane, TimedFrame } from './frame.js';
export { floats, pcm } from './frame.js';
export type { Log, LogFields } from './log.js';
export { logger } from './log.js';
export { Marks } from './marks.js';
export type { Mixed, Output, PadFrames } from './mixer.js';
export { Mixer } from './mixer.js';
export type { CapsText, PipeInput } from './pipe.js';
export { Pipe } from './pipe.js';
export type { Checked, Properties, Property, ValueOf, Values } from './properties.js';
export { type RecentLine, RecentLines, recentLines } from './recent.js';
export { register } from './register.js';
export { Sink } from './sink.js';
export type { Created, Position } from './source.js';
export { Source } from './source.js';
export type { Packet, PacketListener } from './tap.js';
export type { Fraction, Ns } from './time.js';
export { framesToNs, MS, ms, nsToFrames, SECOND, seconds } from './time.js';
export type { Drained, Transformed } from './transform.js';
export { Transform } from './transform.js';
