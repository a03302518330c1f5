import ts from 'typescript';
import { parseSource, visitAll } from './source-tree.ts';

/**
 * The string literals of a file that could be an error code it raises: not those it only compares with, declares in a
 * contract entry's `errors`, keeps in a set, or names in a type.
 */
export function findRaisable(file: string, text: string): Set<string> {
  const found = new Set<string>();
  visitAll(parseSource(file, text), (node) => {
    if (ts.isStringLiteralLike(node) && /^[A-Z][A-Z_]+$/.test(node.text) && !isOnlyNamed(node)) found.add(node.text);
  });
  return found;
}

/** The words in a file's strings, templates and regular expressions, comments left out. */
export function findMentioned(file: string, text: string): Set<string> {
  const found = new Set<string>();
  visitAll(parseSource(file, text), (node) => {
    if (!ts.isStringLiteralLike(node) && !ts.isRegularExpressionLiteral(node) && !ts.isTemplateLiteralToken(node))
      return;
    for (const [word] of node.text.matchAll(/\b[A-Z][A-Z_]+\b/g)) found.add(word);
  });
  return found;
}

function isOnlyNamed(literal: ts.Node): boolean {
  const { parent } = literal;
  if (ts.isLiteralTypeNode(parent) || ts.isCaseClause(parent)) return true;
  if (ts.isBinaryExpression(parent)) return /^[!=]==$/.test(parent.operatorToken.getText());
  if (ts.isCallExpression(parent)) return parent.expression.getText() === 'isAppError';
  if (!ts.isArrayLiteralExpression(parent)) return false;
  const around = parent.parent;
  return ts.isNewExpression(around) || (ts.isPropertyAssignment(around) && around.name.getText() === 'errors');
}
