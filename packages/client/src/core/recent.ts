/** Adds a value to a list that holds the last `most` only. */
export const keepLast = <T>(list: T[], value: T, most: number): void => {
  list.push(value);
  if (list.length > most) list.shift();
};
