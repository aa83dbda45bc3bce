import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'dist.*', 'coverage', 'test/fixtures', '**/build', 'bench/**/node_modules'] },
  ...tseslint.configs.strict,
  { rules: { eqeqeq: 'error' } },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // What is left out of the strictest set is a matter of taste here.
      // An element that noUncheckedIndexedAccess doubts is printed as it is.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: true },
      ],
      // `() => line.clear()` and `return refuse(…)` give nothing, and say so by their types; `() => void count++` makes it so.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // Records of functions are written as interfaces with methods, and taken apart: none of them knows `this`.
      '@typescript-eslint/unbound-method': 'off',
      // What implements a promise without waiting for one is async, so that what it throws is a rejection.
      '@typescript-eslint/require-await': 'off',
      // Attributes of nodes are JSON: names and paths, of which the graph's verifier knows that they are text.
      '@typescript-eslint/no-base-to-string': 'off',
      // Texts are spread to their characters on purpose.
      '@typescript-eslint/no-misused-spread': 'off',
      // What was caught is thrown on; the command line's request is thrown through yargs.
      '@typescript-eslint/only-throw-error': [
        'error',
        { allow: ['Request'], allowRethrowing: true, allowThrowingUnknown: true },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.property.name="skipIf"]:not(:has(Identifier[name=/^lack/]))',
          message: 'Skip through `lacks` of test/support/facilities.ts, so that NNC_REQUIRE can forbid it.',
        },
        {
          selector:
            'CallExpression[callee.object.name=/^(describe|it|test)$/][callee.property.name=/^(runIf|skip|todo|only)$/]',
          message: 'Tests run, or are skipped by `skipIf(lacks(…))`.',
        },
      ],
    },
  },
);
