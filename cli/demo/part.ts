/** One part of the demo's world as a process of its own; the hidden command `part` runs it. */
export { runPart } from '../../sandbox/part.ts';
