import ts from 'typescript';
import { parseSource } from './source-tree.ts';

/** An export, and whether a doc comment stands above it (above any of its overloads). */
export interface FoundExport {
  readonly name: string;
  readonly isDocumented: boolean;
}

/** What a file declares and exports; what it passes on from another file is documented there. */
export function findExports(file: string, text: string): FoundExport[] {
  const source = parseSource(file, text);
  const found = new Map<string, boolean>();
  const note = (name: string, statement: ts.Node): void => {
    found.set(name, (found.get(name) ?? false) || ts.getJSDocCommentsAndTags(statement).some(ts.isJSDoc));
  };
  const listed = namesListed(source);
  for (const statement of source.statements) {
    const isExported =
      ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    for (const name of namesDeclared(statement)) if (isExported || listed.has(name)) note(name, statement);
  }
  return [...found].map(([name, isDocumented]) => ({ name, isDocumented }));
}

function namesDeclared(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement);
  return isNamed ? [statement.name?.text ?? 'default'] : [];
}

/** Names in `export { a, b }` without `from`. */
function namesListed(source: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  for (const statement of source.statements) {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier) continue;
    const { exportClause } = statement;
    if (!exportClause || !ts.isNamedExports(exportClause)) continue;
    for (const { name, propertyName } of exportClause.elements) names.add((propertyName ?? name).text);
  }
  return names;
}
