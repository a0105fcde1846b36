// Printing a signed report: the PDF in a hidden frame of this page, so that one click is enough; where the browser does
// not print frames (phones), it opens in its own tab.

import { h } from '../core/dom.js';
import { language } from '../core/lang.js';

export const reportUrl = (id, lang = language()) => `/api/cases/${id}/report.pdf?lang=${lang}`;

const touch = () => matchMedia('(pointer: coarse)').matches;

export function printReport(id) {
  const url = reportUrl(id);
  if (touch()) {
    window.open(url, '_blank', 'noopener');
    return;
  }
  document.getElementById('print-frame')?.remove();
  const frame = h('iframe', { id: 'print-frame', class: 'print-frame', title: 'PDF', src: url });
  frame.addEventListener('load', () => {
    try {
      frame.contentWindow.focus();
      frame.contentWindow.print();
    } catch {
      window.open(url, '_blank', 'noopener');
    }
  });
  document.body.append(frame);
}
