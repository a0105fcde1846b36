// Urgency, state and verdict as badges: a word, a shape and a colour each.

import { h } from './dom.js';
import { say } from './lang.js';
import { T } from '../texts.js';

const PRIORITY = {
  critical: ['◆', T.critical],
  'chest-pain': ['♥', T.chestPain],
  urgent: ['▲', T.urgent],
  routine: ['○', T.routine],
};
const STATE = {
  received: ['…', T.stateReceived],
  'set-aside': ['!', T.stateSetAside],
  waiting: ['○', T.stateWaiting],
  reading: ['◐', T.stateReading],
  'second-waiting': ['◑', T.stateSecondWaiting],
  'second-reading': ['◕', T.stateSecondReading],
  refused: ['↺', T.stateRefused],
  reported: ['✓', T.stateReported],
};
const VERDICT = {
  normal: T.verdictNormal,
  'otherwise-normal': T.verdictOtherwise,
  borderline: T.verdictBorderline,
  abnormal: T.verdictAbnormal,
  critical: T.verdictCritical,
  uninterpretable: T.verdictUninterpretable,
};
const LOOP = {
  raised: ['◆', T.loopRaised],
  acknowledged: ['◇', T.loopAcknowledged],
  closed: ['✓', T.loopClosed],
  withdrawn: ['×', T.loopWithdrawn],
};

const badge = (kind, name, [shape, text]) =>
  h('span', { class: `badge ${kind} ${kind}-${name}` }, h('i', { 'aria-hidden': 'true' }, shape), say(text));

export const priorityBadge = (priority) => badge('priority', priority, PRIORITY[priority] ?? PRIORITY.routine);
export const stateBadge = (state) => badge('state', state, STATE[state] ?? ['?', state]);
export const loopBadge = (step) => badge('loop', step, LOOP[step] ?? ['?', step]);
export const verdictText = (verdict) => say(VERDICT[verdict]);
export const verdictBadge = (verdict) =>
  verdict ? h('span', { class: `badge verdict verdict-${verdict}` }, verdictText(verdict)) : null;
export const PRIORITIES = Object.keys(PRIORITY);
export const priorityText = (priority) => say(PRIORITY[priority][1]);
