// Decides what separates neighboring tokens, from the tokens, comments and roles: nothing, spaces or a line break. The writer's line
// breaks are kept where they improve readability; all others are decided here.
import type { IToken } from 'chevrotain';
import * as tokens from '../tokens.ts';
import type { Beginning, Role, Roles } from './roles.ts';

/** A token with what precedes it. */
export interface Piece {
  readonly token: IToken;
  readonly role: Role;
  readonly begins: Beginning | undefined;
  /** The comments between the previous token and this one. */
  readonly comments: readonly IToken[];
  readonly spaces: 0 | 1 | 2;
  readonly breaks: boolean;
  /** Whether it opens a bracket whose content starts on the next line. */
  readonly hangs: boolean;
}

const blockRules = new Set(['definitionBody', 'block', 'model', 'trainItem']);

export const opensBlock = ({ token, role }: Pick<Piece, 'token' | 'role'>): boolean =>
  token.tokenType === tokens.OpenBrace && blockRules.has(role.rule);
export const closesBlock = ({ token, role }: Pick<Piece, 'token' | 'role'>): boolean =>
  token.tokenType === tokens.CloseBrace && blockRules.has(role.rule);

const openers = new Set([tokens.OpenParenthesis, tokens.CallParenthesis, tokens.OpenBracket]);
const closers = new Set([tokens.CloseParenthesis, tokens.CloseBracket]);

/** Whether the token opens something whose lines are aligned in it; an import's braces do, too. */
export const opensBracket = ({ token, role }: Pick<Piece, 'token' | 'role'>): boolean =>
  openers.has(token.tokenType) || (token.tokenType === tokens.OpenBrace && !blockRules.has(role.rule));
export const closesBracket = ({ token, role }: Pick<Piece, 'token' | 'role'>): boolean =>
  closers.has(token.tokenType) || (token.tokenType === tokens.CloseBrace && !blockRules.has(role.rule));

interface Place extends Pick<Piece, 'token' | 'role' | 'begins' | 'comments'> {
  readonly newLine: boolean;
}

export function findPieces(
  list: readonly IToken[],
  comments: readonly IToken[],
  text: string,
  roles: Roles,
): Piece[] {
  const places = findPlaces(list, comments, text, roles);
  const broken = brokenBlocks(places);
  const hanging = hangingBrackets(places);
  /** For each open block, the kind of its last statement. */
  const open: { readonly isBroken: boolean; last: Beginning | undefined }[] = [];
  return places.map((place, index) => {
    const before = places[index - 1];
    const inner = open.at(-1);
    const { token, role, begins } = place;
    const forced =
      closesBlock(place) || (before && opensBlock(before))
        ? inner?.isBroken === true
        : mustBreak(place, inner);
    const wanted = place.newLine && before !== undefined && mayBreak(place, before, hanging, roles);
    const closesHanging = closesBracket(place) && hanging.has(place);
    const breaks = before !== undefined && (forced || wanted || closesHanging || place.comments.length > 0);
    if (inner && begins) inner.last = begins;
    if (opensBlock(place)) open.push({ isBroken: broken.has(place), last: undefined });
    if (closesBlock(place)) open.pop();
    const spaces = spacesBetween(place, before, roles);
    return {
      token,
      role,
      begins,
      comments: place.comments,
      spaces,
      breaks,
      hangs: opensBracket(place) && hanging.has(place),
    };
  });
}

/** Whether a line break is required here: stages and settings may share a line, in order. */
function mustBreak(
  place: Place,
  block: { readonly isBroken: boolean; readonly last: Beginning | undefined } | undefined,
): boolean {
  if (place.begins === 'declaration' || place.begins === 'item') return true;
  if (place.begins === undefined || !block?.isBroken) return false;
  const mayShare =
    place.begins === 'setting' || (place.begins === 'expression' && block.last === 'expression');
  return place.newLine || !mayShare;
}

function findPlaces(
  list: readonly IToken[],
  comments: readonly IToken[],
  text: string,
  roles: Roles,
): Place[] {
  let next = 0;
  let end = 0;
  return list.map((token) => {
    const own: IToken[] = [];
    for (
      let comment = comments[next];
      comment && comment.startOffset < token.startOffset;
      comment = comments[++next]
    )
      own.push(comment);
    const newLine = /[\r\n]/.test(text.slice(end, token.startOffset));
    end = token.startOffset + token.image.length;
    const role = roles.roles.get(token) ?? { rule: '', key: '' };
    return { token, role, begins: roles.beginnings.get(token.startOffset), comments: own, newLine };
  });
}

/**
 * The blocks written on several lines, by the positions of both braces: models, and every other block that contains a line break between
 * statements, another such block, or a comment.
 */
function brokenBlocks(places: readonly Place[]): Set<Place> {
  const broken = new Set<Place>();
  const open: { readonly place: Place; breaks: boolean }[] = [];
  for (const [index, place] of places.entries()) {
    const inner = open.at(-1);
    const after = places[index - 1];
    const boundary = place.begins !== undefined || closesBlock(place) || (after && opensBlock(after));
    if (inner && ((boundary && place.newLine) || place.comments.length > 0)) inner.breaks = true;
    if (opensBlock(place)) open.push({ place, breaks: place.role.rule === 'model' });
    if (!closesBlock(place)) continue;
    const closed = open.pop();
    if (!closed || (after === closed.place && place.comments.length === 0) || !closed.breaks) continue;
    broken.add(closed.place).add(place);
    const outer = open.at(-1);
    if (outer) outer.breaks = true;
  }
  return broken;
}

/** The brackets followed by a line break; their closing ones are on lines of their own. */
function hangingBrackets(places: readonly Place[]): Set<Place> {
  const hanging = new Set<Place>();
  const open: { readonly place: Place; readonly hangs: boolean }[] = [];
  for (const [index, place] of places.entries()) {
    if (opensBracket(place))
      open.push({ place, hangs: places[index + 1]?.newLine === true && !closes(places[index + 1]) });
    if (!closesBracket(place)) continue;
    const closed = open.pop();
    if (closed?.hangs) hanging.add(closed.place).add(place);
  }
  return hanging;
}

const closes = (place: Place | undefined): boolean => place !== undefined && closesBracket(place);

/** Where a line break of the writer's is kept. */
function mayBreak(place: Place, before: Place, hanging: ReadonlySet<Place>, roles: Roles): boolean {
  if (roles.tightPowers.has(place.token) || roles.tightPowers.has(before.token)) return false;
  if (opensBracket(before) || closesBracket(place)) return hanging.has(opensBracket(before) ? before : place);
  const { tokenType } = before.token;
  if (tokenType === tokens.Comma || tokenType === tokens.Equals || tokenType === tokens.Update) return true;
  if (place.role.key === 'BinaryOperator' || before.role.key === 'BinaryOperator') return true;
  if (place.role.rule === 'definition' && place.token.tokenType === tokens.Arrow) return true;
  // The list of inputs may be on the line below that of the hyper-parameters.
  return place.role.rule === 'parameters' && before.role.rule === 'parameters' && opensBracket(place);
}

function spacesBetween(place: Place, before: Place | undefined, roles: Roles): 0 | 1 | 2 {
  if (!before) return 0;
  const { token, role } = place;
  const type = token.tokenType;
  if (closesBlock(place) && opensBlock(before)) return 0;
  if (openers.has(before.token.tokenType) || closers.has(type)) return 0;
  if (type === tokens.Comma || type === tokens.Colon || type === tokens.Transpose) return 0;
  if (role.rule === 'member') return 0;
  if (role.rule === 'callArguments' && role.key === 'CallParenthesis') return 0;
  if (before.role.key === 'PrefixOperator' && before.token.image === '-') return 0;
  if (roles.tightPowers.has(token) || roles.tightPowers.has(before.token)) return 0;
  if (role.rule === 'namedType' && openers.has(type)) return 0;
  if (role.rule === 'shape' && before.role.rule === 'namedType') return 0;
  if (role.rule === 'parameters' && roles.hyperParameters.has(token.startOffset)) return 0;
  return place.begins !== undefined && !opensBlock(before) ? 2 : 1;
}
