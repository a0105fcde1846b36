// Statements that can be added, and how typing finds them: by Chinese, pinyin initials, English words or a code.

import * as api from '../core/api.js';

let kept = null;

/** {statements, templates, quality_reasons}; asked once a session. */
export async function catalogue() {
  kept ??= api.get('/api/statements').catch((error) => {
    kept = null;
    throw error;
  });
  return kept;
}

const words = (text) =>
  text
    .toLowerCase()
    .split(/[^a-z0-9°.]+/)
    .filter(Boolean);

/** Letters in order, not necessarily side by side ("afrv" in "atrial fibrillation with rapid ventricular…": word starts). */
function initials(query, list) {
  const starts = list.map((w) => w[0]).join('');
  return starts.startsWith(query) ? 2 : starts.includes(query) ? 1 : 0;
}

function score(statement, query, chinese) {
  const { zh, en } = statement.text;
  if (chinese) {
    if (zh === query) return 100;
    if (zh.startsWith(query)) return 80 - zh.length / 100;
    if (zh.includes(query)) return 60 - zh.length / 100;
    let from = 0;
    for (const sign of query) {
      from = zh.indexOf(sign, from) + 1;
      if (!from) return 0;
    }
    return 20 - zh.length / 100;
  }
  if ((statement.codes ?? []).some((c) => c.toLowerCase() === query)) return 95;
  const pinyin = (statement.pinyin ?? '').toLowerCase();
  if (pinyin === query) return 90;
  if (pinyin.startsWith(query)) return 70 - pinyin.length / 100;
  const list = words(en);
  const asked = words(query);
  if (asked.length && asked.every((w) => list.some((v) => v.startsWith(w))))
    return 75 - (list[0]?.startsWith(asked[0]) ? 0 : 10) - en.length / 1000;
  if (query.length > 1 && pinyin.includes(query)) return 45 - pinyin.length / 100;
  if (query.length > 1 && initials(query, list)) return 30 + initials(query, list) - en.length / 1000;
  if (statement.id.includes(query)) return 25;
  return query.length > 2 && en.toLowerCase().includes(query) ? 15 : 0;
}

/** The best matches for what was typed, best first. */
export function find(statements, typed, most = 12) {
  const query = typed.trim().toLowerCase().normalize('NFKC');
  if (!query) return [];
  const chinese = /[\u3400-\u9fff]/.test(query);
  return statements
    .map((statement) => ({ statement, points: score(statement, query, chinese) }))
    .filter((hit) => hit.points > 0)
    .sort((a, b) => b.points - a.points || a.statement.id.localeCompare(b.statement.id))
    .slice(0, most)
    .map((hit) => hit.statement);
}
