// Times, ages and numbers as people read them. A missing value is an em dash.

import { say } from './lang.js';
import { T } from '../texts.js';

const NONE = '—';

/** A number with `digits` decimals and a true minus sign. */
export function number(value, digits = 0) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const rounded = Number(value.toFixed(digits));
  return (Object.is(rounded, -0) ? 0 : rounded).toFixed(digits).replace('-', '−');
}

/** A share as per cent; `null` when there is nothing to divide by. */
export const percent = (part, whole) => (whole ? `${number((100 * part) / whole, 1)} %` : NONE);

const two = (n) => String(n).padStart(2, '0');
const hour = (date) => `${two(date.getHours())}:${two(date.getMinutes())}`;

/**
 * Day and minute as the report writes them, the same in both languages: 01/02 is another day elsewhere. The year where it
 * is another, or where it must stand (`whole`); to the second where that matters.
 */
export function moment(iso, { whole = false, seconds = false } = {}) {
  const date = new Date(iso ?? NaN);
  if (Number.isNaN(date.getTime())) return NONE;
  const year = whole || date.getFullYear() !== new Date().getFullYear() ? `${date.getFullYear()}-` : '';
  const day = `${year}${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${hour(date)}${seconds ? `:${two(date.getSeconds())}` : ''}`;
}

/** Clock time. */
export const clock = (iso) => (iso ? hour(new Date(iso)) : NONE);

/** Milliseconds as a rough span: 45 s, 12 min, 3 h 20 min. */
export function span(ms) {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 60) return say(T.seconds, { n: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return say(T.minutes, { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return say(T.hoursMinutes, { h: hours, m: minutes % 60 });
  return say(T.days, { n: Math.floor(hours / 24) });
}

/** Sex and age: 女 66岁, F 66 y. */
export function sexAge(patient) {
  const sex = { female: T.female, male: T.male }[patient?.sex];
  const age = patient?.age_years;
  const parts = [sex && say(sex)];
  if (typeof age === 'number') {
    if (age >= 2) parts.push(say(T.ageYears, { n: Math.floor(age) }));
    else if (age >= 1 / 12) parts.push(say(T.ageMonths, { n: Math.floor(age * 12) }));
    else parts.push(say(T.ageDays, { n: Math.floor(age * 365.25) }));
  }
  return parts.filter(Boolean).join(' ') || NONE;
}

/** Size of a file. */
export function bytes(n) {
  if (n < 2 ** 20) return `${Math.ceil(n / 1024)} kB`;
  return n < 2 ** 30 ? `${number(n / 2 ** 20, 1)} MB` : `${number(n / 2 ** 30, 1)} GB`;
}
