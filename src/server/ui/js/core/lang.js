// The language of the page; a phrase is a pair {zh, en}, from texts.js or from the server.

const KEPT = 'einthoven.lang';
let lang = pick(localStorage.getItem(KEPT) ?? navigator.language);

function pick(name) {
  return String(name).toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** 'zh' or 'en'. */
export const language = () => lang;

/** Changes the language; the caller draws the page again. */
export function setLanguage(name) {
  lang = pick(name);
  localStorage.setItem(KEPT, lang);
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
}

/** The wording of a pair; places {name} are filled from `values`. */
export function say(text, values) {
  if (text === null || text === undefined) return '';
  if (typeof text === 'string') return text;
  const words = text[lang] || text.zh || text.en || '';
  return values ? words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '') : words;
}

setLanguage(lang);
