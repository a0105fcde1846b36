// Every text of the pages, as pairs {zh, en}; one file a subject. Places in braces are filled by `say`.

import { common } from './texts/common.js';
import { paper } from './texts/paper.js';
import { review } from './texts/review.js';
import { clinic } from './texts/clinic.js';
import { office } from './texts/office.js';

export const T = { ...common, ...paper, ...review, ...clinic, ...office };
