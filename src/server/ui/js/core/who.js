// The person at the page: what GET /api/session said.

let me = null;

export const who = () => me;
export const setWho = (person) => {
  me = person;
};
/** Whether the role may do an act. */
export const may = (act) => Boolean(me?.acts?.includes(act));
