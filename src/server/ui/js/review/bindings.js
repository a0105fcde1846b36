// The keys of the review page, in the order in which the help shows them.

import { say } from '../core/lang.js';
import { notice } from '../core/dialog.js';
import { T } from '../texts.js';

const guarded = (run) => async () => {
  try {
    await run();
  } catch (error) {
    if (error?.message) notice(error.message, 'fault');
  }
};

export function bindings(screen, control) {
  const { findings, view, toolbar } = screen;
  const tool = toolbar?.actions ?? {};
  const key = (keys, text, run, more) => ({ keys: [keys].flat(), text, run, ...more });
  const sideways = (by) => () => {
    if (view?.tool === 'caliper') view.caliper.nudge(by > 0 ? 1 : -1);
    else if (view?.fitted !== false && !screen.pannable()) screen.turn(by > 0 ? 5 : -5);
    else view?.pan(-by * 80, 0);
  };
  return [
    key(['ArrowDown', 'j'], T.keyNextFinding, () => findings.move(1)),
    key(['ArrowUp', 'k'], T.keyPreviousFinding, () => findings.move(-1)),
    key(
      ['Enter', 'e'],
      T.keyReword,
      guarded(() => findings.reword()),
    ),
    key(['Delete', 'x'], T.keyDelete, () => findings.remove()),
    key(' ', T.keyTick, () => findings.tick()),
    key('Alt+ArrowUp', T.keyUp, () => findings.shift(-1)),
    key('Alt+ArrowDown', T.keyDown, () => findings.shift(1)),
    key(['a', '/'], T.keyAdd, () => screen.adder.input.focus()),
    key(['u', 'Ctrl+z'], T.keyUndo, () => screen.undo()),
    key('v', T.keyAdvice, () => screen.advice.text.focus()),
    key(
      ['s', 'Ctrl+Enter'],
      T.keySign,
      guarded(() => screen.act('sign')),
      { typing: false },
    ),
    key(
      'r',
      T.keyRefuse,
      guarded(() => screen.act('refuse')),
    ),
    key(
      'y',
      T.keySenior,
      guarded(() => screen.act('ask-senior')),
    ),
    key(
      'h',
      T.keyHandOver,
      guarded(() => screen.act('hand-over')),
    ),
    key(
      '!',
      T.keyCritical,
      guarded(() => screen.act(screen.allowed('raise') ? 'raise' : 'withdraw')),
    ),
    key(['n', ']'], T.keyNextCase, guarded(control.skip)),
    key(['w', 'Escape'], T.keyBack, () => (view && view.tool !== 'pan' ? screen.tool('pan') : control.back())),
    key('c', T.keyCaliper, () => tool.caliper?.()),
    key('m', T.keyMarch, () => tool.march?.()),
    key('.', T.keySwap, () => view?.caliper.swap()),
    key('z', T.keyMagnifier, () => tool.magnifier?.()),
    key('b', T.keyMarks, () => tool.marks?.()),
    key('l', T.keyLayout, () => tool.layout?.()),
    key('q', T.keyCabrera, () => tool.cabrera?.()),
    key('g', T.keyGain, () => tool.gain?.()),
    key('p', T.keySpeed, () => tool.speed?.()),
    key('f', T.keyFilter, () => tool.filter?.()),
    key(['+', '='], T.keyZoomIn, () => view?.zoom(1.25)),
    key(['-', '_'], T.keyZoomOut, () => view?.zoom(0.8)),
    key('0', T.keyFit, () => view?.fit()),
    key(
      '1',
      T.keyTrueSize,
      guarded(() => tool.trueSize?.()),
    ),
    key('ArrowLeft', T.keyLeft, sideways(-1)),
    key('ArrowRight', T.keyRight, sideways(1)),
    key('d', T.keyMedian, () => screen.drawer.toggle('median', true)),
    key('t', T.keyMatrix, () => screen.drawer.toggle('matrix')),
    key('o', T.keyEarlier, () => screen.drawer.toggle('earlier')),
    key('i', T.keyReport, () => screen.report(say(T.report))),
  ];
}
